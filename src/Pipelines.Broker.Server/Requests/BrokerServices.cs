using Microsoft.Extensions.Logging;
using Pipelines.Broker.Groups;
using Pipelines.Broker.Server.Connections;
using Pipelines.Broker.Server.Security;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Requests;

/// <summary>What all handlers share.</summary>
internal sealed class BrokerServices(LogEngine engine, GroupService groups, BrokerServerOptions options, string clusterId)
{
    /// <summary>The name of the one resource of kind cluster.</summary>
    internal const string ClusterResource = "kafka-cluster";

    /// <summary>What a response says when the operations that are allowed were not asked for.</summary>
    internal const int OperationsNotAsked = int.MinValue;

    /// <summary>Why there are no access control lists.</summary>
    internal const string NoAuthorizer = "Authorization is off. Name super.users in the broker's settings to turn it on.";

    private readonly Authorizer? authorizer = options.Authorization is { } authorization ? new Authorizer(authorization, engine) : null;

    internal LogEngine Engine => engine;

    internal GroupService Groups => groups;

    internal BrokerServerOptions Options => options;

    /// <summary>What the cluster is called in metadata.</summary>
    internal string ClusterId => clusterId;

    internal ILogger Log { get; } = options.LoggerFactory.CreateLogger("Pipelines.Broker.Server");

    internal AuditLog Audit { get; } = new(options.LoggerFactory, engine.Options.Clock);

    internal TimeProvider Clock => engine.Options.Clock;

    /// <summary>The users, or null when nobody has to log in.</summary>
    internal UserTable? Users { get; } = options.Sasl is { } sasl ? new UserTable(sasl, engine) : null;

    /// <summary>Where clients are told to connect to.</summary>
    internal Address AddressFor(Connection connection) => options.Advertised ?? connection.Local;

    /// <summary>True when there are rules about who may do what.</summary>
    internal bool HasAuthorizer => authorizer is not null;

    internal bool Allows(Connection connection, ApiKey api, Operation operation, ResourceKind kind, string name, bool isQuiet)
    {
        if (authorizer?.Allows(connection.Principal, connection.RemoteHost, operation, kind, name) != false) return true;
        if (!isQuiet) Audit.Denied(connection, api, operation, kind, name);
        return false;
    }

    internal bool AllowsIdempotence(Connection connection, ApiKey api) =>
        authorizer?.AllowsAny(connection.Principal, connection.RemoteHost, Operation.Write, ResourceKind.Topic) != false
        || Allows(connection, api, Operation.IdempotentWrite, ResourceKind.Cluster, ClusterResource, isQuiet: false);

    internal int OperationsOf(Connection connection, ApiKey api, ResourceKind kind, string name)
    {
        // Who may not see the cluster is told nothing of it.
        if (kind == ResourceKind.Cluster && !Allows(connection, api, Operation.Describe, kind, name, isQuiet: true)) return 0;
        int bits = 0;
        foreach (Operation operation in OperationsOf(kind))
        {
            if (Allows(connection, api, operation, kind, name, isQuiet: true)) bits |= 1 << (int)operation;
        }

        return bits;
    }

    private static ReadOnlySpan<Operation> OperationsOf(ResourceKind kind) => kind switch
    {
        ResourceKind.Topic => [Operation.Read, Operation.Write, Operation.Create, Operation.Delete, Operation.Alter, Operation.Describe, Operation.DescribeConfigs, Operation.AlterConfigs],
        ResourceKind.Group => [Operation.Read, Operation.Delete, Operation.Describe, Operation.DescribeConfigs, Operation.AlterConfigs],
        ResourceKind.Cluster => [Operation.Create, Operation.Alter, Operation.Describe, Operation.ClusterAction, Operation.DescribeConfigs, Operation.AlterConfigs, Operation.IdempotentWrite],
        _ => [Operation.Write, Operation.Describe],
    };
}
