using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;

namespace Pipelines.Broker.Transactions;

/// <summary>One transactional id: who has it, and what is in its transaction.</summary>
/// <remarks>Empty => Ongoing: partitions or offsets were added. Ongoing => Ending: the commit was asked for and is not durable yet. Ending => Empty: it is. Ongoing => Empty: aborted.</remarks>
internal sealed class TransactionState(string transactionalId, long producerId)
{
    internal string TransactionalId { get; } = transactionalId;

    internal long ProducerId { get; set; } = producerId;

    internal short Epoch { get; set; } = -1;

    /// <summary>The producer that had the id before this epoch and asked for it: it may ask again, and gets the same answer.</summary>
    internal (long ProducerId, short Epoch)? Former { get; set; }

    internal TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The partitions of the open transaction.</summary>
    internal HashSet<TopicPartition> Partitions { get; } = [];

    /// <summary>The group whose offsets are part of the open transaction.</summary>
    internal string Group { get; set; } = "";

    internal Dictionary<TopicPartition, GroupOffset> Offsets { get; } = [];

    /// <summary>When the open transaction began, on the monotonic clock.</summary>
    internal long BeganAt { get; set; }

    internal bool IsEnding { get; set; }

    /// <summary>How the last transaction of this epoch ended, so that a repeated request gets the same answer.</summary>
    internal bool? LastCommitted { get; set; }

    internal bool IsOngoing => Partitions.Count > 0 || Offsets.Count > 0;

    /// <summary>Adds to the open transaction.</summary>
    internal void Grow(IReadOnlyList<TopicPartition> partitions, string group, IReadOnlyList<GroupOffset> offsets)
    {
        Partitions.UnionWith(partitions);
        if (offsets.Count == 0) return;
        Group = group;
        foreach (GroupOffset offset in offsets) Offsets[offset.Partition] = offset;
    }

    /// <summary>The transaction has ended.</summary>
    internal void End(bool committed)
    {
        Reset();
        LastCommitted = committed;
    }

    internal void Reset()
    {
        Partitions.Clear();
        Offsets.Clear();
        Group = "";
        IsEnding = false;
    }
}
