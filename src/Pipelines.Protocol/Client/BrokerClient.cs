using Pipelines.Protocol.Messages;

namespace Pipelines.Protocol.Client;

/// <summary>What a coordinator is looked up for.</summary>
/// <remarks>Source: Kafka protocol, FindCoordinator; KIP-98.</remarks>
public enum CoordinatorKind
{
    /// <summary>A consumer group.</summary>
    Group = 0,

    /// <summary>A transactional id.</summary>
    Transaction = 1,
}

/// <summary>Finds the brokers of a cluster from a few addresses, and keeps one connection to each.</summary>
/// <remarks>Safe for concurrent use. A connection that failed is made anew when it is asked for again; requests are not repeated.</remarks>
/// <param name="bootstrap">Addresses of brokers, tried in their order.</param>
/// <param name="options">How connections are made.</param>
public sealed class BrokerClient(IReadOnlyList<(string Host, int Port)> bootstrap, BrokerConnectionOptions? options = null) : IAsyncDisposable
{
    private readonly SemaphoreSlim changing = new(1, 1);
    private readonly Dictionary<(string Host, int Port), BrokerConnection> connections = [];

    /// <summary>A connection to any broker.</summary>
    /// <exception cref="BrokerConnectionException">None of the addresses can be reached.</exception>
    public async Task<BrokerConnection> AnyAsync(CancellationToken cancellation = default)
    {
        var problems = new List<BrokerConnectionException>();
        foreach ((string host, int port) in bootstrap)
        {
            try
            {
                return await AtAsync(host, port, cancellation).ConfigureAwait(false);
            }
            catch (BrokerConnectionException problem)
            {
                problems.Add(problem);
            }
        }

        throw Together(problems);
    }

    /// <summary>What the problems of all addresses come to: one that has to be mended, or all of them.</summary>
    private static BrokerConnectionException Together(List<BrokerConnectionException> problems)
    {
        if (problems.Count == 0) return new("The client has no address of a broker.");
        if (problems.Count == 1) return problems[0];
        if (problems.Find(static problem => problem.IsFatal) is { } fatal) return fatal;
        BrokerConnectionException last = problems[^1];
        return new(string.Join(' ', problems.Select(static problem => problem.Message)), last.ErrorCode, last) { Problem = last.Problem, Address = last.Address };
    }

    /// <summary>A connection to the controller, which creates and changes topics.</summary>
    /// <exception cref="BrokerConnectionException">It is not known, or cannot be reached.</exception>
    public async Task<BrokerConnection> ControllerAsync(CancellationToken cancellation = default)
    {
        MetadataResponse cluster = await ClusterAsync(cancellation).ConfigureAwait(false);
        return await NodeAsync(cluster, cluster.ControllerId, cancellation).ConfigureAwait(false);
    }

    /// <summary>A connection to a broker by its number.</summary>
    /// <exception cref="BrokerConnectionException">It is not known, or cannot be reached.</exception>
    public async Task<BrokerConnection> NodeAsync(int nodeId, CancellationToken cancellation = default) =>
        await NodeAsync(await ClusterAsync(cancellation).ConfigureAwait(false), nodeId, cancellation).ConfigureAwait(false);

    /// <summary>A connection to the coordinator of a group or a transactional id.</summary>
    /// <exception cref="BrokerConnectionException">There is none now (its <see cref="BrokerConnectionException.ErrorCode"/> tells why), or it cannot be reached.</exception>
    public async Task<BrokerConnection> CoordinatorAsync(CoordinatorKind kind, string key, CancellationToken cancellation = default)
    {
        BrokerConnection any = await AnyAsync(cancellation).ConfigureAwait(false);
        bool isBatched = any.VersionOf(ApiKey.FindCoordinator) >= 4;
        var request = new FindCoordinatorRequest { KeyType = (sbyte)kind };
        if (isBatched) request.CoordinatorKeys.Add(key);
        else request.Key = key;
        FindCoordinatorResponse answer = await any.SendAsync(request, cancellation: cancellation).ConfigureAwait(false);
        FindCoordinatorResponse.Coordinator found = isBatched && answer.Coordinators.Count > 0
            ? answer.Coordinators[0]
            : new() { ErrorCode = answer.ErrorCode, ErrorMessage = answer.ErrorMessage, Host = answer.Host, Port = answer.Port };
        return found.ErrorCode == 0
            ? await AtAsync(found.Host, found.Port, cancellation).ConfigureAwait(false)
            : throw new BrokerConnectionException($"Broker {any.Address} knows no coordinator of '{key}': {found.ErrorMessage} (error {found.ErrorCode}).", found.ErrorCode);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await changing.WaitAsync().ConfigureAwait(false);
        try
        {
            foreach (BrokerConnection connection in connections.Values) await connection.DisposeAsync().ConfigureAwait(false);
            connections.Clear();
        }
        finally
        {
            changing.Release();
        }
    }

    private async Task<MetadataResponse> ClusterAsync(CancellationToken cancellation)
    {
        BrokerConnection any = await AnyAsync(cancellation).ConfigureAwait(false);
        return await any.SendAsync(new MetadataRequest { Topics = [] }, cancellation: cancellation).ConfigureAwait(false);
    }

    private async Task<BrokerConnection> NodeAsync(MetadataResponse cluster, int nodeId, CancellationToken cancellation)
    {
        MetadataResponse.MetadataResponseBroker node = cluster.Brokers.Find(broker => broker.NodeId == nodeId)
            ?? throw new BrokerConnectionException($"The cluster has no broker {nodeId}.");
        return await AtAsync(node.Host, node.Port, cancellation).ConfigureAwait(false);
    }

    private async Task<BrokerConnection> AtAsync(string host, int port, CancellationToken cancellation)
    {
        await changing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (connections.TryGetValue((host, port), out BrokerConnection? known) && known.IsUsable) return known;
            BrokerConnection made = await BrokerConnection.ConnectAsync(host, port, options, cancellation).ConfigureAwait(false);
            connections[(host, port)] = made;
            return made;
        }
        finally
        {
            changing.Release();
        }
    }
}
