using Pipelines.Broker.Server;
using Pipelines.Protocol.Client;

namespace Pipelines.Soak.Brokers.Clients;

/// <summary>A client's connection, made anew whenever it is lost.</summary>
/// <param name="address">Where the broker is, by way of the proxy.</param>
/// <param name="clientId">What the client calls itself.</param>
/// <param name="timeout">How long it waits for an answer before it gives the connection up.</param>
internal sealed class Link(Address address, string clientId, TimeSpan timeout) : IAsyncDisposable
{
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

    /// <summary>Gives the connection up, as a process does that is killed.</summary>
    internal async Task DropAsync()
    {
        if (connection is not { } former) return;
        connection = null;
        await former.DisposeAsync();
    }

    public async ValueTask DisposeAsync() => await DropAsync();
}
