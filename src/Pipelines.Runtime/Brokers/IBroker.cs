namespace Pipelines.Runtime.Brokers;

/// <summary>The one seam to brokers: whole encoded batches both ways, transactions, offsets and topics.</summary>
/// <remarks>Calls may overlap. Reads are read-committed. Every failure is a <see cref="BrokerException"/>.</remarks>
public interface IBroker : IAsyncDisposable
{
    /// <summary>The number of partitions of a topic, or null when there is no such topic.</summary>
    ValueTask<int?> FindTopicAsync(string topic);

    /// <summary>How a topic keeps its records; null when there is no such topic, or nobody may know.</summary>
    ValueTask<TopicPolicy?> DescribeTopicAsync(string topic);

    /// <summary>Creates a topic that keeps its records whatever their times are; one that exists already is left as it is.</summary>
    /// <param name="topic">The name.</param>
    /// <param name="partitions">The number of partitions.</param>
    /// <param name="isCompacted">True when a record replaces the earlier one of its key.</param>
    ValueTask CreateTopicAsync(string topic, int partitions, bool isCompacted);

    /// <summary>The first offset that is there, the one that a read-committed reader ends at now, and the end of all that is written.</summary>
    ValueTask<PartitionRange> GetRangeAsync(string topic, int partition);

    /// <summary>Committed batches from <paramref name="offset"/> on; empty when none came within <paramref name="maxWait"/>.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="offset">The first offset wanted; the first batch may begin before it.</param>
    /// <param name="maxBytes">About how much to read at most; at least one batch comes whatever its size.</param>
    /// <param name="maxWait">How long to wait for data.</param>
    /// <returns>Bytes that the caller disposes of.</returns>
    ValueTask<FetchedBatches> FetchAsync(string topic, int partition, long offset, int maxBytes, TimeSpan maxWait);

    /// <summary>Opens the producer of a transactional id; whoever had the id before is fenced, and its open transaction is aborted.</summary>
    /// <param name="transactionalId">The transactional id.</param>
    /// <param name="topics">The topics that producers of the id write to: if the broker has left a transaction of theirs open there that it takes for ended, it is ended.</param>
    ValueTask<ITransactionalProducer> OpenProducerAsync(string transactionalId, IReadOnlyCollection<string>? topics = null);

    /// <summary>Ends what the broker has left open of a transaction that it takes for ended; nobody is fenced.</summary>
    /// <param name="transactionalId">Whose transaction.</param>
    /// <param name="topics">Where to look.</param>
    /// <returns>False when there was nothing.</returns>
    ValueTask<bool> EndHangingAsync(string transactionalId, IReadOnlyCollection<string> topics);

    /// <summary>The committed offset of a group for a partition, or null when it has none. While an open transaction holds a newer one, it waits for that one's end (KIP-447).</summary>
    ValueTask<long?> GetCommittedOffsetAsync(string group, string topic, int partition);

    /// <summary>Commits offsets outside a transaction, for a group that has no members.</summary>
    ValueTask CommitOffsetsAsync(string group, IReadOnlyList<OffsetCommit> offsets);

    /// <summary>The open transaction that readers of committed records of a partition wait for, or null when there is none or nobody may know.</summary>
    ValueTask<OpenTransaction?> FindHolderAsync(string topic, int partition);

    /// <summary>The open transaction that keeps a group's offsets undecided, or null when there is none, nobody may know, or it is not one of the group's application.</summary>
    /// <param name="group">The group, whose name the transactional ids of its members begin with.</param>
    ValueTask<OpenTransaction?> FindOffsetHolderAsync(string group);

    /// <summary>Deletes the records before an offset. Nobody needs them any more; when they are gone is the broker's affair.</summary>
    /// <param name="starts">Where each partition is to begin.</param>
    ValueTask DeleteRecordsAsync(IReadOnlyList<PartitionStart> starts);

    /// <summary>Makes this process a member of a group that shares partitions among its members. It has none before <see cref="IGroupMember.JoinAsync"/>.</summary>
    ValueTask<IGroupMember> OpenMemberAsync(GroupSubscription subscription);
}

/// <summary>Where a partition is to begin.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The first offset that is needed.</param>
public readonly record struct PartitionStart(string Topic, int Partition, long Offset);

/// <summary>The offsets that a partition holds.</summary>
/// <param name="Start">The first offset.</param>
/// <param name="End">The last stable offset: where a read-committed reader ends.</param>
/// <param name="Written">The end of all records, those of open transactions too; a reader that has come here has missed nothing that was committed before.</param>
public readonly record struct PartitionRange(long Start, long End, long Written);
