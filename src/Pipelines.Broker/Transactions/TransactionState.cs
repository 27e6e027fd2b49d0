using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;

namespace Pipelines.Broker.Transactions;

/// <summary>One transactional id: who has it, and what is in its transaction.</summary>
/// <remarks>Empty => Ongoing: partitions or offsets were added. Ongoing => Ending: the end was asked for and is not durable yet. Ending => Empty: it is.</remarks>
internal sealed class TransactionState(string transactionalId, long producerId)
{
    internal string TransactionalId { get; } = transactionalId;

    internal long ProducerId { get; set; } = producerId;

    internal short Epoch { get; set; } = -1;

    internal TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The partitions of the open transaction.</summary>
    internal HashSet<TopicPartition> Partitions { get; } = [];

    /// <summary>The group whose offsets are part of the open transaction.</summary>
    internal string Group { get; set; } = "";

    internal Dictionary<TopicPartition, GroupOffset> Offsets { get; } = [];

    /// <summary>When the open transaction began, on the monotonic clock; 0 when none is open.</summary>
    internal long BeganAt { get; set; }

    internal bool IsEnding { get; set; }

    /// <summary>How the last transaction ended, so that a repeated request gets the same answer.</summary>
    internal bool? LastCommitted { get; set; }

    internal bool IsOngoing => Partitions.Count > 0 || Offsets.Count > 0;

    internal void Reset()
    {
        Partitions.Clear();
        Offsets.Clear();
        Group = "";
        BeganAt = 0;
        IsEnding = false;
    }
}
