using Pipelines.Broker.Groups;
using Pipelines.Broker.Server.Connections;
using Pipelines.Protocol.Wire;

namespace Pipelines.Broker.Server.Requests;

/// <summary>What a handler knows beside its request.</summary>
internal sealed class RequestContext(BrokerServices broker, Connection connection, RequestHeader header)
{
    private List<IDisposable>? lent;

    internal BrokerServices Broker => broker;

    /// <summary>What the answer borrows until it is sent.</summary>
    internal IReadOnlyList<IDisposable> Lent => lent ?? (IReadOnlyList<IDisposable>)[];


    /// <summary>True when the connection is to be closed once the answer is sent.</summary>
    internal bool EndsConnection { get; set; }

    internal LogEngine Engine => broker.Engine;

    internal GroupService Groups => broker.Groups;

    internal Connection Connection => connection;

    internal string ClientId => header.ClientId ?? "";

    /// <summary>The version of the request, and of its answer.</summary>
    internal short Version => header.ApiVersion;

    /// <summary>Where the broker is, as this client may reach it.</summary>
    internal Address Advertised => broker.AddressFor(connection);

    /// <summary>Disposes of a buffer when the answer is sent.</summary>
    internal void Lend(IDisposable buffer) => (lent ??= []).Add(buffer);

    /// <summary>Whether the client may do that.</summary>
    /// <param name="operation">What.</param>
    /// <param name="kind">With what kind of thing.</param>
    /// <param name="name">With which.</param>
    /// <param name="isQuiet">True when a refusal is no event: what the client may not see is left out of a list.</param>
    internal bool Allows(Operation operation, ResourceKind kind, string name, bool isQuiet = false) => broker.Allows(connection, header.ApiKey, operation, kind, name, isQuiet);

    /// <summary>Whether the client may do that with the cluster.</summary>
    internal bool AllowsCluster(Operation operation, bool isQuiet = false) => Allows(operation, ResourceKind.Cluster, BrokerServices.ClusterResource, isQuiet);

    /// <summary>Whether the client may be an idempotent producer: it may say so of the cluster, or write to any topic (KIP-679).</summary>
    internal bool AllowsIdempotence() => broker.AllowsIdempotence(connection, header.ApiKey);

    /// <summary>The operations that the client is allowed, as bits numbered as the operations are; nothing when it did not ask.</summary>
    /// <remarks>Source: KIP-430.</remarks>
    internal int Operations(ResourceKind kind, string name, bool isAsked) => isAsked ? broker.OperationsOf(connection, header.ApiKey, kind, name) : BrokerServices.OperationsNotAsked;
}
