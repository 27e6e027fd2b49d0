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

    internal LogEngine Engine => engine;

    internal GroupService Groups => groups;

    internal BrokerServerOptions Options => options;

    /// <summary>What the cluster is called in metadata.</summary>
    internal string ClusterId => clusterId;

    internal ILogger Log { get; } = options.LoggerFactory.CreateLogger("Pipelines.Broker.Server");

    internal AuditLog Audit { get; } = new(options.LoggerFactory, engine.Options.Clock);

    internal TimeProvider Clock => engine.Options.Clock;

    /// <summary>The users, or null when nobody has to log in.</summary>
    internal UserTable? Users { get; } = options.Sasl is { } sasl ? new UserTable(sasl) : null;

    /// <summary>Where clients are told to connect to.</summary>
    internal Address AddressFor(Connection connection) => options.Advertised ?? connection.Local;

    internal bool Allows(Connection connection, Operation operation, ResourceKind kind, string name, bool isQuiet)
    {
        _ = (connection, operation, kind, name, isQuiet);
        return true;
    }

    internal bool AllowsIdempotence(Connection connection) => Allows(connection, Operation.IdempotentWrite, ResourceKind.Cluster, ClusterResource, isQuiet: false);

    internal int OperationsOf(Connection connection, ResourceKind kind, string name)
    {
        int bits = 0;
        foreach (Operation operation in OperationsOf(kind))
        {
            if (Allows(connection, operation, kind, name, isQuiet: true)) bits |= 1 << (int)operation;
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
