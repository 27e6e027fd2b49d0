using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Pipelines.Broker.Server.Requests;

namespace Pipelines.Broker.Server.Connections;

/// <summary>Takes the connections that Kestrel accepts, numbers them, and bounds how many there are.</summary>
internal sealed class BrokerConnectionHandler(BrokerServices broker) : ConnectionHandler
{
    /// <summary>What a connection is marked with that has come here.</summary>
    internal static readonly object Reached = new();

    private static readonly TimeSpan MaxIdleBeforeLogin = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<long, Connection> connections = new();
    private readonly ConcurrentDictionary<string, int> perAddress = new(StringComparer.Ordinal);
    private long lastId;
    private volatile bool isStopping;

    /// <inheritdoc/>
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        connection.Items[Reached] = true;
        var client = new Connection(connection, broker, Interlocked.Increment(ref lastId));
        connections.TryAdd(client.Id, client);
        int same = perAddress.AddOrUpdate(client.RemoteHost, 1, static (_, count) => count + 1);
        try
        {
            // One that came in after all were closed, before the port was, would be waited for.
            if (isStopping)
                client.Abort("the broker stops");
            else if (connections.Count > broker.Options.MaxConnections)
                client.Abort($"there are {broker.Options.MaxConnections} connections already (max.connections)");
            else if (same > broker.Options.MaxConnectionsPerAddress)
                client.Abort($"there are {broker.Options.MaxConnectionsPerAddress} connections of that address already (max.connections.per.ip)");
            else
                await client.RunAsync();
        }
        finally
        {
            connections.TryRemove(client.Id, out _);
            // Removed at zero: addresses come and go.
            if (perAddress.AddOrUpdate(client.RemoteHost, 0, static (_, count) => count - 1) <= 0) perAddress.TryRemove(new KeyValuePair<string, int>(client.RemoteHost, 0));
        }
    }

    /// <summary>Closes connections that have been silent for too long.</summary>
    internal void CloseIdle()
    {
        foreach (Connection connection in connections.Values)
        {
            if (connection.Sasl is { IsDone: false } && connection.Idle > MaxIdleBeforeLogin) connection.Abort($"it did not log in for {MaxIdleBeforeLogin.TotalSeconds:0} seconds");
            else if (connection.Idle > broker.Options.MaxIdle) connection.Abort($"it was silent for {broker.Options.MaxIdle.TotalSeconds:0} seconds (connections.max.idle.ms)");
        }
    }

    /// <summary>Ends all connections, also those that are still to come: the broker stops.</summary>
    internal void CloseAll()
    {
        isStopping = true;
        foreach (Connection connection in connections.Values) connection.Abort("the broker stops");
    }
}
