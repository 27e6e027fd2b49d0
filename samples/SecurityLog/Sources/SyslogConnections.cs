using System.Net.Sockets;
using System.Threading.Channels;

namespace SecurityLog.Sources;

/// <summary>Accepts TCP connections and reads them, so many at most: for one more, the one that was silent the longest is closed.</summary>
/// <param name="listening">The socket that listens; who has it disposes of it.</param>
/// <param name="limits">How many, and how long they may be silent.</param>
/// <param name="clock">Tells how long.</param>
/// <param name="deliver">Takes messages on.</param>
internal sealed class SyslogConnections(Socket listening, ConnectionLimits limits, TimeProvider clock, Func<List<ReadOnlyMemory<byte>>, Task> deliver)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);
    private readonly Lock changing = new();
    private readonly Dictionary<SyslogConnection, Task> open = [];

    /// <summary>Connections that are open.</summary>
    internal int Count
    {
        get
        {
            lock (changing) return open.Count;
        }
    }

    /// <summary>Accepts until the listening socket is disposed of; then ends all connections, and what they had received is delivered.</summary>
    internal async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                Socket socket = await listening.AcceptAsync(stop);
                await MakeRoomAsync();
                Start(new SyslogConnection(socket, limits.MaxIdle, clock, deliver));
            }
            catch (SocketException) when (!stop.IsCancellationRequested)
            {
                // Too many open files, say: connections end, and others come.
                await Task.Delay(RetryDelay, clock, CancellationToken.None);
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                break;
            }
        }

        foreach (SyslogConnection connection in Snapshot().Keys) connection.Close();
        await Task.WhenAll(Snapshot().Values);
    }

    private async Task MakeRoomAsync()
    {
        while (true)
        {
            Dictionary<SyslogConnection, Task> now = Snapshot();
            if (now.Count < limits.MaxConnections) return;
            // Those that wait for the log to take their messages are not idle.
            SyslogConnection? oldest = now.Keys.Where(static connection => connection.IsReceiving).MinBy(static connection => connection.LastReceived);
            oldest?.Close();
            await (oldest is null ? Task.WhenAny(now.Values) : now[oldest]);
        }
    }

    private void Start(SyslogConnection connection)
    {
        lock (changing) open.Add(connection, ServeAsync(connection));
    }

    private async Task ServeAsync(SyslogConnection connection)
    {
        // The connection must be among the open ones before it can leave them.
        await Task.Yield();
        try
        {
            await connection.RunAsync();
        }
        finally
        {
            lock (changing) open.Remove(connection);
        }
    }

    private Dictionary<SyslogConnection, Task> Snapshot()
    {
        lock (changing) return new(open);
    }
}

/// <summary>What TCP senders may take.</summary>
/// <param name="MaxConnections">Connections at a time. Each holds 64 KiB to receive and up to 64 KiB of a message that has not ended.</param>
/// <param name="MaxIdle">A connection that is silent longer is closed: its other end may be gone without a word.</param>
internal readonly record struct ConnectionLimits(int MaxConnections, TimeSpan MaxIdle);
