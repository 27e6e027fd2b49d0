using System.Net.Sockets;
using System.Threading.Channels;

namespace SecurityLog.Sources;

/// <summary>One TCP connection, read until it ends, breaks, is silent too long, or is closed. What had come by then is delivered.</summary>
internal sealed class SyslogConnection(Socket socket, TimeSpan maxIdle, TimeProvider clock, Func<List<ReadOnlyMemory<byte>>, Task> deliver)
{
    private readonly SyslogFraming framing = new();
    private readonly byte[] buffer = new byte[64 * 1024];
    private readonly CancellationTokenSource ending = new(Timeout.InfiniteTimeSpan, clock);
    private long lastReceived = clock.GetTimestamp();

    /// <summary>Whether it waits for its sender.</summary>
    internal bool IsReceiving { get; private set; }

    /// <summary>When something came last, by the clock's timestamp.</summary>
    internal long LastReceived => Volatile.Read(ref lastReceived);

    /// <summary>Ends it soon.</summary>
    internal void Close()
    {
        try
        {
            ending.Cancel();
        }
        catch (ObjectDisposedException)
        {
        }
    }

    /// <summary>Reads to the end.</summary>
    internal async Task RunAsync()
    {
        var messages = new List<ReadOnlyMemory<byte>>();
        try
        {
            while (await ReceiveAsync() is > 0 and var read)
            {
                framing.Take(buffer.AsSpan(0, read), messages);
                await deliver(messages);
                messages = [];
            }

            framing.End(messages);
            await deliver(messages);
        }
        catch (ChannelClosedException)
        {
        }
        finally
        {
            socket.Dispose();
            ending.Dispose();
        }
    }

    /// <summary>The bytes that came, 0 when the connection has ended in whatever way.</summary>
    private async Task<int> ReceiveAsync()
    {
        ending.CancelAfter(maxIdle);
        IsReceiving = true;
        try
        {
            int read = await socket.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, ending.Token);
            Volatile.Write(ref lastReceived, clock.GetTimestamp());
            return read;
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            return 0;
        }
        finally
        {
            IsReceiving = false;
            ending.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }
}
