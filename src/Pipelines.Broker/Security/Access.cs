namespace Pipelines.Broker.Security;

/// <summary>What a request wants to do; the numbers are those of Kafka's ACLs.</summary>
internal enum Operation
{
    /// <summary>In a filter: whatever operation.</summary>
    Any = 1,

    /// <summary>In a rule: every operation.</summary>
    All = 2,
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
    /// <summary>In a filter: whatever kind.</summary>
    Any = 1,
    Topic = 2,
    Group = 3,
    Cluster = 4,
    TransactionalId = 5,
}

/// <summary>How a rule names its resources; the numbers are those of Kafka's ACLs (KIP-290).</summary>
internal enum PatternKind
{
    /// <summary>In a filter: however.</summary>
    Any = 1,

    /// <summary>In a filter: every rule that applies to the resource of the name.</summary>
    Match = 2,

    /// <summary>By the whole name; <c>*</c> is all of them.</summary>
    Literal = 3,

    /// <summary>By what the name begins with.</summary>
    Prefixed = 4,
}

/// <summary>Whether a rule lets or forbids; the numbers are those of Kafka's ACLs.</summary>
internal enum Permission
{
    /// <summary>In a filter: both.</summary>
    Any = 1,
    Deny = 2,
    Allow = 3,
}
