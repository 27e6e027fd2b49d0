using Pipelines.Broker.Disk;
using Pipelines.Broker.Recovery;

namespace Pipelines.Broker;

/// <summary>When an acknowledged write is safe.</summary>
public enum Durability
{
    /// <summary>When it is on the disk: it survives a power cut.</summary>
    Fsync = 0,

    /// <summary>When the operating system has it: it survives the process, not a power cut.</summary>
    Os = 1,
}

/// <summary>How an engine keeps its log.</summary>
public sealed class EngineOptions
{
    /// <summary>The data folder.</summary>
    public required IDisk Disk { get; init; }

    /// <summary>When a write is acknowledged.</summary>
    public Durability Durability { get; init; }

    /// <summary>The clock; timeouts use its monotonic side.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where the engine's loop runs.</summary>
    public TaskScheduler Scheduler { get; init; } = TaskScheduler.Default;

    /// <summary>A segment is closed before it would grow beyond this.</summary>
    public long SegmentBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>The bytes between two entries of a segment's index.</summary>
    public int IndexIntervalBytes { get; init; } = 64 * 1024;

    /// <summary>The largest batch that is taken.</summary>
    public int MaxBatchBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>
    /// The most that a compressed batch may grow to where its records are looked at, which is in compacted topics; a topic that takes larger batches takes as much. A small
    /// batch could fill the memory otherwise.
    /// </summary>
    public int MaxDecompressedBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// Settings, in Kafka's words, of topics that do not have them. Without any, segments are closed at <see cref="SegmentBytes"/>, batches are taken to
    /// <see cref="MaxBatchBytes"/>, and records are kept for ever.
    /// </summary>
    public IReadOnlyDictionary<string, string> TopicDefaults { get; init; } = new Dictionary<string, string>();

    /// <summary>The most keys that one round of compaction holds in memory, at some 50 bytes each; with more, it takes several rounds.</summary>
    public int CompactionKeys { get; init; } = 2_000_000;

    /// <summary>
    /// The most bytes that fetches together may have read for readers that have not taken them yet. With more on its way, a fetch brings one batch: readers that do not read cannot fill the
    /// memory.
    /// </summary>
    public long MaxFetchMemoryBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>How often old segments are looked for.</summary>
    public TimeSpan HousekeepingInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The journal is written anew, without what is over, when it has grown beyond this.</summary>
    public long JournalBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Which checksums are verified when the log is opened.</summary>
    public Verification Verification { get; init; }

    /// <summary>The longest time-out that a transactional producer may ask for.</summary>
    public TimeSpan MaxTransactionTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Told, in a sentence, when compaction of a partition had to be given up. The log stays as it was, and it is tried again.</summary>
    public Action<string>? OnCompactionFailed { get; init; }

    /// <summary>Told, in a sentence or two, of a batch that was to be read and is damaged: which file, which offsets, and what to do. Told once of each.</summary>
    public Action<string>? OnDamage { get; init; }

    /// <summary>Told what recovery found and did, sentence by sentence, also when the log is then refused.</summary>
    public Action<string>? OnRecovery { get; init; }

    /// <summary>What is switched off, for tests of tests.</summary>
    internal Protections Off { get; init; }

    internal bool Guards(Protections one) => (Off & one) == 0;
}
