namespace Pipelines.Soak.Brokers;

/// <summary>A protection that can be switched off, to see that the checker notices: in the engine, which has the same names, at the disk, or at the clients.</summary>
internal enum BrokerProtection
{
    /// <summary>All protections are on.</summary>
    None = 0,

    /// <summary>Batches are not compared with the last ones of their producer.</summary>
    Sequences = 1,

    /// <summary>A second instance of a transactional id gets the epoch that the first one has, so that neither is fenced.</summary>
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

    /// <summary>Offsets in transactions are taken also from members that are none any more (KIP-447).</summary>
    Generations = 8,

    /// <summary>Offsets are told that an open transaction may still move.</summary>
    Stability = 9,

    /// <summary>Compaction takes the records of aborted transactions for committed ones.</summary>
    AbortedKeys = 10,

    /// <summary>Compaction takes tombstones out at once, and not after the topic's <c>delete.retention.ms</c>.</summary>
    Tombstones = 11,

    /// <summary>Batches are served as they are found.</summary>
    Checksums = 12,
}
