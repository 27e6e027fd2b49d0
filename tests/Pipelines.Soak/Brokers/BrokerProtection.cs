namespace Pipelines.Soak.Brokers;

/// <summary>A protection that can be switched off, to see that the checker notices.</summary>
internal enum BrokerProtection
{
    /// <summary>All protections are on.</summary>
    None = 0,

    /// <summary>Batches of idempotent producers lose their sequences on the way to the log.</summary>
    Sequences = 1,

    /// <summary>A second instance of a transactional id gets what the first one has, so that neither is fenced.</summary>
    Fencing = 2,

    /// <summary>Readers ask for everything, whether it is decided or not, and do not leave out what was aborted.</summary>
    Visibility = 3,

    /// <summary>Offsets are committed beside the transaction.</summary>
    Offsets = 4,

    /// <summary>The disk reports flushes as done without doing them, and the power is cut.</summary>
    Flush = 5,

    /// <summary>What comes over a connection that a producer has left is served (KAFKA-17754).</summary>
    LeftConnections = 6,

    /// <summary>Transactions of clients that are gone stay open.</summary>
    Timeouts = 7,

    /// <summary>Offsets in transactions are committed as if by nobody, so that members that are none any more can (KIP-447).</summary>
    Generations = 8,

    /// <summary>Offsets are told that an open transaction may still move.</summary>
    Stability = 9,
}
