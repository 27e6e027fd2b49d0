namespace Pipelines.Broker.Server.Requests;

/// <summary>What a request wants to do; the numbers are those of Kafka's ACLs.</summary>
internal enum Operation
{
    Read = 3,
    Write = 4,
    Create = 5,
    Delete = 6,
    Alter = 7,
    Describe = 8,
    ClusterAction = 9,
    DescribeConfigs = 10,
    AlterConfigs = 11,
    IdempotentWrite = 12,
}

/// <summary>What it wants to do it with; the numbers are those of Kafka's ACLs.</summary>
internal enum ResourceKind
{
    Topic = 2,
    Group = 3,
    Cluster = 4,
    TransactionalId = 5,
}
