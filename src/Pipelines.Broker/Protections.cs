namespace Pipelines.Broker;

/// <summary>What keeps records from being lost, repeated or torn. Each can be switched off, so that tests see whether they would notice if it did not work.</summary>
[Flags]
internal enum Protections
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>A batch is compared with the last ones of its producer: a repetition is not appended, a gap is refused.</summary>
    Sequences = 1,

    /// <summary>Who opens a transactional id gets the next epoch, and what its predecessor left open is aborted.</summary>
    Fencing = 2,

    /// <summary>A transaction is aborted when it has been open for too long.</summary>
    Timeouts = 4,

    /// <summary>What a transactional producer sent over a connection that it has left since is refused (KAFKA-17754).</summary>
    LeftConnections = 8,

    /// <summary>Offsets within a transaction are taken from members of the group's generation only (KIP-447).</summary>
    Generations = 16,

    /// <summary>Offsets that an open transaction may still move are not told to whoever asks for stable ones.</summary>
    Stability = 32,

    /// <summary>A record whose transaction was aborted takes no record of its key out of a compacted log, and goes itself.</summary>
    AbortedKeys = 64,

    /// <summary>A tombstone stays in a compacted log for the topic's <c>delete.retention.ms</c>.</summary>
    Tombstones = 128,

    /// <summary>A batch is verified when it is read, before it is served.</summary>
    Checksums = 256,
}
