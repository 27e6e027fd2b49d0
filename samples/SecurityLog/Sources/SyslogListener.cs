using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace SecurityLog.Sources;

/// <summary>Receives syslog over UDP and TCP on one address and port.</summary>
internal sealed class SyslogListener : IDisposable
{
    private const int MaxConnections = 256;
    private static readonly TimeSpan IdleBound = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly Socket udp;
    private readonly Socket tcp;
    private readonly ChannelWriter<LineBatch> lines;
    private readonly SemaphoreSlim connections = new(MaxConnections);
    private volatile bool isDisposed;
    private long received;

    private SyslogListener(Socket udp, Socket tcp, ChannelWriter<LineBatch> lines)
    {
        this.udp = udp;
        this.tcp = tcp;
        this.lines = lines;
    }

    /// <summary>The address that is listened on; with port 0 asked for, the one that was given.</summary>
    internal IPEndPoint Address => (IPEndPoint)tcp.LocalEndPoint!;

    /// <summary>Messages received.</summary>
    internal long Received => Volatile.Read(ref received);

    /// <summary>Takes the port for both.</summary>
    /// <exception cref="SourceException">The port is taken, or the address is not this machine's.</exception>
    internal static SyslogListener Open(IPEndPoint address, ChannelWriter<LineBatch> lines)
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
            return new SyslogListener(udp, tcp, lines);
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

    /// <summary>Receives until the listener is disposed of.</summary>
    internal Task RunAsync() => Task.WhenAll(ReceiveAsync(), AcceptAsync());

    public void Dispose()
    {
        isDisposed = true;
        tcp.Dispose();
        udp.Dispose();
        connections.Dispose();
    }

    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[LineSplitter.MaxLineBytes + 1];
        try
        {
            while (!isDisposed)
            {
                int length;
                try
                {
                    length = await udp.ReceiveAsync(buffer, SocketFlags.None);
                }
                catch (SocketException) when (!isDisposed)
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

    private async Task AcceptAsync()
    {
        try
        {
            while (!isDisposed)
            {
                await connections.WaitAsync();
                try
                {
                    _ = ServeAsync(await tcp.AcceptAsync());
                }
                catch (SocketException) when (!isDisposed)
                {
                    // Too many open files, say: connections end, and others come.
                    Release();
                    await Task.Delay(RetryDelay);
                }
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException or ChannelClosedException)
        {
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        var framing = new SyslogFraming();
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                using var idle = new CancellationTokenSource(IdleBound);
                int read = await connection.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, idle.Token);
                var messages = new List<ReadOnlyMemory<byte>>();
                if (read == 0) framing.End(messages);
                else framing.Take(buffer.AsSpan(0, read), messages);
                await DeliverAsync(messages);
                if (read == 0) return;
            }
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException or OperationCanceledException or ChannelClosedException)
        {
        }
        finally
        {
            connection.Dispose();
            Release();
        }
    }

    private void Release()
    {
        try
        {
            connections.Release();
        }
        catch (ObjectDisposedException)
        {
        }
    }

    /// <summary>Waits when the log is behind: a TCP sender then waits too, and datagrams are dropped by the system.</summary>
    private async Task DeliverAsync(List<ReadOnlyMemory<byte>> messages)
    {
        if (messages.Count == 0) return;
        Interlocked.Add(ref received, messages.Count);
        await lines.WriteAsync(new LineBatch("", messages, 0));
    }
}
