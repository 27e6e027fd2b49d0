using Pipelines.Broker.Log;

namespace Pipelines.Broker.Journal;

/// <summary>A fact that the journal keeps.</summary>
internal abstract record JournalEntry;

/// <summary>The cluster has this id from here on.</summary>
internal sealed record ClusterNamed(string Id) : JournalEntry;

/// <summary>A topic exists from here on.</summary>
internal sealed record TopicCreated(string Name, Guid Id, int Partitions, IReadOnlyDictionary<string, string> Settings) : JournalEntry;

/// <summary>A topic is gone, with its records and what groups had committed of it.</summary>
internal sealed record TopicDeleted(string Name, Guid Id) : JournalEntry;

/// <summary>A topic has more partitions from here on.</summary>
/// <param name="Name">The topic.</param>
/// <param name="Partitions">How many in all.</param>
internal sealed record PartitionsCreated(string Name, int Partitions) : JournalEntry;

/// <summary>A topic has other settings from here on: these, and no more.</summary>
internal sealed record TopicAltered(string Name, IReadOnlyDictionary<string, string> Settings) : JournalEntry;

/// <summary>What a partition holds before an offset is gone.</summary>
internal sealed record LogStartMoved(TopicPartition Partition, long Offset) : JournalEntry;

/// <summary>A compacted segment takes the place of all segments from one offset to another.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Number">The number of the rewriting, which names the file; -1 when it is in place.</param>
/// <param name="BaseOffset">The first segment's base offset.</param>
/// <param name="EndOffset">The base offset of the segment behind the last. Before it offsets may be missing.</param>
/// <param name="Size">The bytes of the compacted segment.</param>
internal sealed record LogCompacted(TopicPartition Partition, long Number, long BaseOffset, long EndOffset, long Size) : JournalEntry;

/// <summary>A producer id was given out, or has a new epoch; what was open under the former epoch is aborted.</summary>
/// <param name="TransactionalId">The transactional id; empty for a producer that is idempotent only.</param>
/// <param name="ProducerId">The producer id.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="TimeoutMs">How long its transactions may be open.</param>
/// <param name="FormerId">The producer id that asked for this epoch with its own, or -1.</param>
/// <param name="FormerEpoch">The epoch that it had.</param>
/// <param name="LastCommitted">How the last transaction of this epoch ended, or null.</param>
/// <param name="FormerCommitted">How the former epoch's transaction ended, when that end brought this epoch; else null.</param>
internal sealed record ProducerOpened(
    string TransactionalId, long ProducerId, short Epoch, long TimeoutMs, long FormerId, short FormerEpoch, bool? LastCommitted, bool? FormerCommitted = null) : JournalEntry;

/// <summary>A transaction was begun or has grown: by partitions, and by a group with or without offsets.</summary>
internal sealed record TransactionGrown(long ProducerId, short Epoch, IReadOnlyList<TopicPartition> Partitions, string Group, IReadOnlyList<GroupOffset> Offsets) : JournalEntry;

/// <summary>A transaction was aborted by its producer.</summary>
internal sealed record TransactionAborted(long ProducerId, short Epoch) : JournalEntry;

/// <summary>Offsets of a group were committed outside a transaction.</summary>
internal sealed record OffsetsCommitted(string Group, IReadOnlyList<GroupOffset> Offsets) : JournalEntry;

/// <summary>A transaction commits, if everything that it names is there: records up to an end offset per partition, and the groups' offsets.</summary>
/// <param name="Number">Its number among all commits.</param>
/// <param name="ProducerId">The producer.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Groups">The offsets.</param>
/// <param name="Ends">The partitions.</param>
/// <param name="NextId">The producer id that the commit brings with the next epoch; -1 when the producer keeps what it has.</param>
/// <param name="NextEpoch">The epoch that the commit brings.</param>
internal sealed record TransactionPrepared(
    long Number, long ProducerId, short Epoch, IReadOnlyList<GroupOffsets> Groups, IReadOnlyList<PartitionEnd> Ends, long NextId = -1, short NextEpoch = -1) : JournalEntry
{
    /// <summary>The epoch of the markers: the next one fences what still comes under this one (KIP-890).</summary>
    internal short MarkerEpoch => NextId < 0 ? Epoch : (short)(Epoch + 1);
}

/// <summary>Offsets of one group.</summary>
internal sealed record GroupOffsets(string Group, IReadOnlyList<GroupOffset> Offsets);

/// <summary>A prepared transaction was found incomplete after a crash, and is aborted for good.</summary>
internal sealed record TransactionGivenUp(long Number) : JournalEntry;

/// <summary>A round of flushes has ended: everything up to these ends, and the journal up to a length, is durable.</summary>
internal sealed record Flushed(long JournalLength, IReadOnlyList<PartitionEnd> Ends) : JournalEntry;

/// <summary>A partition was found shorter than it was known to be, and goes on from there.</summary>
internal sealed record LogShortened(PartitionEnd End) : JournalEntry;

/// <summary>The offset up to which a partition is written, or durable.</summary>
internal readonly record struct PartitionEnd(TopicPartition Partition, long EndOffset);

/// <summary>An offset that a group has committed.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The next offset to read.</param>
/// <param name="LeaderEpoch">The leader epoch that the consumer saw; -1 when it told none.</param>
/// <param name="Metadata">What the consumer keeps with it.</param>
public readonly record struct GroupOffset(TopicPartition Partition, long Offset, int LeaderEpoch = -1, string Metadata = "");
