using Pipelines.Execution;

namespace Pipelines.Runtime.Brokers;

/// <summary>Commits whole transactions under one transactional id.</summary>
public interface ITransactionalProducer : IAsyncDisposable
{
    /// <summary>Writes everything in one transaction and commits it; returns when it is durable and visible.</summary>
    /// <exception cref="BrokerException">
    /// It is not known to be committed. Nothing more may be sent with this producer: open a new one, which fences this one,
    /// and read the committed progress to learn what became of it.
    /// </exception>
    ValueTask CommitAsync(BrokerTransaction transaction);
}

/// <summary>Records for one partition, laid out as batches that lack only their headers.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Records">The batches; the producer fills in their headers where they lie.</param>
public readonly record struct PartitionWrite(string Topic, int Partition, RecordBuffer Records);

/// <summary>An offset to commit.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The next offset to read.</param>
public readonly record struct OffsetCommit(string Topic, int Partition, long Offset);

/// <summary>What one transaction holds. Reused from commit to commit.</summary>
public sealed class BrokerTransaction
{
    /// <summary>The records, in the order in which they are to be appended.</summary>
    public List<PartitionWrite> Writes { get; } = [];

    /// <summary>The group that the offsets are committed for.</summary>
    public string Group { get; set; } = "";

    /// <summary>The member of the group that commits: a broker refuses offsets of one that is no longer in it (KIP-447). Null for a group without members.</summary>
    public IGroupMember? Member { get; set; }

    /// <summary>The offsets that become committed with the records.</summary>
    public List<OffsetCommit> Offsets { get; } = [];

    /// <summary>Called when some of the records are with the broker and were let go of; null for nobody. From any thread.</summary>
    public Action? OnTaken { get; set; }

    /// <summary>Empties it for the next commit.</summary>
    public void Clear()
    {
        Writes.Clear();
        Offsets.Clear();
    }
}
