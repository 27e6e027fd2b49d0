using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace SecurityLog.Sources;

/// <summary>Receives syslog over UDP and TCP on one address and port.</summary>
internal sealed class SyslogListener : IDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly Socket udp;
    private readonly Socket tcp;
    private readonly UdpDrops? drops;
    private readonly ChannelWriter<LineBatch> lines;
    private readonly CancellationTokenSource stop = new();
    private long received;

    private SyslogListener(Socket udp, Socket tcp, ChannelWriter<LineBatch> lines, ConnectionLimits limits, TimeProvider clock)
    {
        this.udp = udp;
        this.tcp = tcp;
        this.lines = lines;
        drops = UdpDrops.Of(udp);
        Connections = new SyslogConnections(tcp, limits, clock, DeliverAsync);
    }

    /// <summary>The TCP side.</summary>
    internal SyslogConnections Connections { get; }

    /// <summary>Datagrams that the system dropped; null when it does not tell.</summary>
    internal long? Dropped => drops?.Read();

    /// <summary>The address that is listened on; with port 0 asked for, the one that was given.</summary>
    internal IPEndPoint Address => (IPEndPoint)tcp.LocalEndPoint!;

    /// <summary>Messages received.</summary>
    internal long Received => Volatile.Read(ref received);

    /// <summary>Takes the port for both.</summary>
    /// <exception cref="SourceException">The port is taken, or the address is not this machine's.</exception>
    internal static SyslogListener Open(IPEndPoint address, ChannelWriter<LineBatch> lines, ConnectionLimits limits, TimeProvider clock)
    {
        var tcp = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        var udp = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            // After a restart the port may still have connections that are ending.
            if (!OperatingSystem.IsWindows()) tcp.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            tcp.Bind(address);
            tcp.Listen();
            udp.ReceiveBufferSize = 4 * 1024 * 1024;
            udp.Bind(tcp.LocalEndPoint!);
            return new SyslogListener(udp, tcp, lines, limits, clock);
        }
        catch (SocketException refused)
        {
            tcp.Dispose();
            udp.Dispose();
            throw new SourceException(refused.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? $"Port {address.Port} of {address.Address} is taken by another program; stop it, or choose another with --listen."
                : $"Cannot listen on {address}: {refused.Message}.");
        }
    }

    /// <summary>Receives until it is stopped; what was received by then is delivered.</summary>
    internal Task RunAsync() => Task.WhenAll(ReceiveAsync(), Connections.RunAsync(stop.Token));

    /// <summary>Lets <see cref="RunAsync"/> end.</summary>
    internal void Stop()
    {
        stop.Cancel();
        tcp.Dispose();
        udp.Dispose();
    }

    public void Dispose()
    {
        Stop();
        stop.Dispose();
    }

    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[CappedLine.MaxBytes];
        try
        {
            while (!stop.IsCancellationRequested)
            {
                int length;
                try
                {
                    length = await udp.ReceiveAsync(buffer, SocketFlags.None);
                }
                catch (SocketException) when (!stop.IsCancellationRequested)
                {
                    // An error of one datagram, or of a moment: the listener stays.
                    await Task.Delay(RetryDelay);
                    continue;
                }

                var messages = new List<ReadOnlyMemory<byte>>();
                var framing = new LineSplitter();
                // A datagram is one message; some senders end it with a line end all the same.
                framing.Take(buffer.AsSpan(0, length), messages);
                framing.End(messages);
                await DeliverAsync(messages);
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException or ChannelClosedException)
        {
        }
    }

    /// <summary>Waits when the log is behind: a TCP sender then waits too, and datagrams are dropped by the system.</summary>
    private async Task DeliverAsync(List<ReadOnlyMemory<byte>> messages)
    {
        if (messages.Count == 0) return;
        Interlocked.Add(ref received, messages.Count);
        await lines.WriteAsync(new LineBatch("", messages, default));
    }
}
