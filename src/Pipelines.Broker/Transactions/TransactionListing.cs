using Pipelines.Broker.Log;

namespace Pipelines.Broker.Transactions;

/// <summary>Where a transaction is; the names are Kafka's.</summary>
/// <remarks>An abort is one step here, and so are the markers of a commit: <c>PrepareAbort</c>, <c>Dead</c> and <c>PrepareEpochFence</c> do not occur.</remarks>
public enum TransactionPhase
{
    /// <summary>Nothing was begun under this epoch.</summary>
    Empty = 0,

    /// <summary>Partitions or groups were added.</summary>
    Ongoing = 1,

    /// <summary>The commit is becoming durable.</summary>
    PrepareCommit = 2,

    /// <summary>The last transaction was committed.</summary>
    CompleteCommit = 4,

    /// <summary>The last transaction was aborted.</summary>
    CompleteAbort = 5,
}

/// <summary>Which transactional ids to list; what is not set lets everything through.</summary>
/// <remarks>Source: ListTransactions of KIP-664, KIP-994 and KIP-1152.</remarks>
public sealed class TransactionFilter
{
    /// <summary>Only these phases, unless there are none.</summary>
    public IReadOnlyCollection<TransactionPhase> Phases { get; init; } = [];

    /// <summary>Only these producer ids, unless there are none.</summary>
    public IReadOnlyCollection<long> ProducerIds { get; init; } = [];

    /// <summary>Only transactions that have been open for longer.</summary>
    public TimeSpan? OpenFor { get; init; }

    /// <summary>A regular expression that the whole transactional id matches.</summary>
    public string? IdPattern { get; init; }
}

/// <summary>A transactional id in a list.</summary>
/// <param name="TransactionalId">The id.</param>
/// <param name="ProducerId">Whose it is.</param>
/// <param name="Phase">Where its transaction is.</param>
public readonly record struct TransactionListing(string TransactionalId, long ProducerId, TransactionPhase Phase);

/// <summary>All about one transactional id.</summary>
/// <param name="TransactionalId">The id.</param>
/// <param name="Phase">Where its transaction is.</param>
/// <param name="ProducerId">Whose it is.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Timeout">How long its transactions may be open.</param>
/// <param name="Began">When the open transaction began, or null; after a restart of the engine, when that was.</param>
/// <param name="Partitions">The partitions of the open transaction.</param>
/// <param name="Groups">The groups of the open transaction.</param>
public sealed record TransactionDescription(
    string TransactionalId,
    TransactionPhase Phase,
    long ProducerId,
    short Epoch,
    TimeSpan Timeout,
    DateTimeOffset? Began,
    IReadOnlyList<TopicPartition> Partitions,
    IReadOnlyList<string> Groups);

/// <summary>A producer that a partition remembers.</summary>
/// <remarks>Source: DescribeProducers of KIP-664.</remarks>
/// <param name="ProducerId">The producer.</param>
/// <param name="Epoch">Its latest epoch here.</param>
/// <param name="LastSequence">The sequence of its last record, or -1.</param>
/// <param name="LastTimestamp">The time of its last record or marker in milliseconds, or -1.</param>
/// <param name="TransactionStart">The first offset of its open transaction, or -1.</param>
public readonly record struct ActiveProducer(long ProducerId, short Epoch, int LastSequence, long LastTimestamp, long TransactionStart);
