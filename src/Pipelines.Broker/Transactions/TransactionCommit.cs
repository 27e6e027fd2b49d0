using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;

namespace Pipelines.Broker.Transactions;

/// <summary>Batches for one partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Batches">Whole transactional batches of the producer, one after the other; base offsets are written into them.</param>
public readonly record struct PartitionAppend(TopicPartition Partition, Memory<byte> Batches);

/// <summary>A whole transaction in one request: what an embedded producer commits.</summary>
public sealed class TransactionCommit
{
    /// <summary>The producer's transactional id.</summary>
    public required string TransactionalId { get; init; }

    /// <summary>The producer's id.</summary>
    public required long ProducerId { get; init; }

    /// <summary>The producer's epoch.</summary>
    public required short ProducerEpoch { get; init; }

    /// <summary>The records.</summary>
    public required IReadOnlyList<PartitionAppend> Appends { get; init; }

    /// <summary>The group that the offsets are committed for.</summary>
    public string Group { get; init; } = "";

    /// <summary>The offsets that become committed with the records.</summary>
    public IReadOnlyList<GroupOffset> Offsets { get; init; } = [];
}

/// <summary>A producer id and its epoch.</summary>
public readonly record struct ProducerIdentity(ErrorCode Error, long ProducerId, short Epoch);
