using Pipelines.Broker;
using Pipelines.Broker.Server;
using Pipelines.Protocol.Client;

namespace Pipelines.Soak.Brokers.Clients;

/// <summary>A client's connection, made anew whenever it is lost.</summary>
/// <param name="address">Where the broker is, by way of the proxy.</param>
/// <param name="clientId">What the client calls itself.</param>
/// <param name="timeout">How long it waits for an answer before it gives the connection up.</param>
internal sealed class Link(Address address, string clientId, TimeSpan timeout) : IAsyncDisposable
{
    // Longer than the broker is down at a time, also when it is refused a start, and started again, twice in a row on a busy machine.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(50);
    private BrokerConnection? connection;

    /// <summary>What the client calls itself.</summary>
    internal string ClientId => clientId;

    /// <summary>The connection; waits until there is a broker.</summary>
    internal async Task<BrokerConnection> OpenAsync(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (connection is { IsUsable: true } usable) return usable;
            try
            {
                return connection = await BrokerConnection.ConnectAsync(address.Host, address.Port, new BrokerConnectionOptions { ClientId = clientId, RequestTimeout = timeout }, cancellation);
            }
            catch (BrokerConnectionException)
            {
                await Task.Delay(20, cancellation);
            }
        }
    }

    /// <summary>Asks until there is an answer that asking again does not change.</summary>
    /// <exception cref="RefusedException">It is no.</exception>
    internal async Task AskAsync(string what, Func<BrokerConnection, Task<ErrorCode>> ask, CancellationToken cancellation)
    {
        ErrorCode error = await AnswerAsync(ask, cancellation);
        if (error != ErrorCode.None) throw new RefusedException(what, error);
    }

    /// <summary>The same, for whoever knows what to do about a no.</summary>
    internal async Task<ErrorCode> AnswerAsync(Func<BrokerConnection, Task<ErrorCode>> ask, CancellationToken cancellation)
    {
        long began = Environment.TickCount64;
        string last = "nothing";
        while (true)
        {
            if (Environment.TickCount64 - began > Patience.TotalMilliseconds) throw new TimeoutException($"{clientId} got no answer to go on with; the last was {last}");
            ErrorCode error;
            try
            {
                error = await ask(await OpenAsync(cancellation));
            }
            catch (BrokerConnectionException lost)
            {
                last = lost.Message;
                continue;
            }

            last = error.ToString();

            switch (error)
            {
                case ErrorCode.ConcurrentTransactions or ErrorCode.UnstableOffsetCommit or ErrorCode.CoordinatorLoadInProgress:
                    break;
                case ErrorCode.NotCoordinator or ErrorCode.KafkaStorageError or ErrorCode.CoordinatorNotAvailable:
                    // Said over a connection that was left, or by a broker that is about to be started again.
                    await DropAsync();
                    break;
                default:
                    return error;
            }

            await Task.Delay(5, cancellation);
        }
    }

    /// <summary>Gives the connection up, as a process does that is killed.</summary>
    internal async Task DropAsync()
    {
        if (connection is not { } former) return;
        connection = null;
        await former.DisposeAsync();
    }

    public async ValueTask DisposeAsync() => await DropAsync();
}
