using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;

namespace Pipelines.Broker.Transactions;

/// <summary>One transactional id: who has it, and what is in its transaction.</summary>
/// <remarks>
/// Empty => Ongoing: partitions or groups were added. Ongoing => Ending: the commit was asked for and is not durable yet. Ending => Empty: it is.
/// Ongoing => Empty: aborted. With transactions of version 2 (KIP-890) each end brings the next epoch; the producer learns it from the answer.
/// </remarks>
internal sealed class TransactionState(string transactionalId, long producerId)
{
    private Dictionary<TopicPartition, GroupOffset>? spare;
    private long connection;
    private long offsetsConnection;

    internal string TransactionalId { get; } = transactionalId;

    internal long ProducerId { get; set; } = producerId;

    internal short Epoch { get; set; } = -1;

    /// <summary>The producer that asked for this epoch with the one that it had: it may ask again, and gets the same answer.</summary>
    internal (long ProducerId, short Epoch)? Former { get; private set; }

    /// <summary>How the former epoch's transaction ended, when that end brought this epoch; null when the producer asked by opening itself anew.</summary>
    internal bool? FormerCommitted { get; private set; }

    internal TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The partitions of the open transaction.</summary>
    internal HashSet<TopicPartition> Partitions { get; } = [];

    /// <summary>The groups that are part of the open transaction, and their offsets so far.</summary>
    internal Dictionary<string, Dictionary<TopicPartition, GroupOffset>> Groups { get; } = new(StringComparer.Ordinal);

    /// <summary>When the open transaction began, on the monotonic clock.</summary>
    internal long BeganAt { get; private set; }

    /// <summary>The same on the wall clock, to be shown only.</summary>
    internal DateTimeOffset BeganTime { get; private set; }

    internal bool IsEnding { get; set; }

    /// <summary>How the last transaction of this epoch ended, so that a repeated request gets the same answer.</summary>
    internal bool? LastCommitted { get; set; }

    internal bool IsOngoing => Partitions.Count > 0 || Groups.Count > 0;

    internal TransactionPhase Phase => IsEnding ? TransactionPhase.PrepareCommit
        : IsOngoing ? TransactionPhase.Ongoing
        : (LastCommitted ?? FormerCommitted) switch { null => TransactionPhase.Empty, true => TransactionPhase.CompleteCommit, false => TransactionPhase.CompleteAbort };

    /// <summary>What is added next is part of an open transaction: of a new one when there is none.</summary>
    internal void Begin(TimeProvider clock)
    {
        if (IsOngoing) return;
        BeganAt = clock.GetTimestamp();
        BeganTime = clock.GetUtcNow();
    }

    /// <summary>Adds to the open transaction.</summary>
    /// <param name="partitions">Partitions.</param>
    /// <param name="group">A group, or the empty string.</param>
    /// <param name="offsets">Offsets of the group.</param>
    internal void Grow(IReadOnlyList<TopicPartition> partitions, string group, IReadOnlyList<GroupOffset> offsets)
    {
        Partitions.UnionWith(partitions);
        if (group.Length == 0) return;
        if (!Groups.TryGetValue(group, out Dictionary<TopicPartition, GroupOffset>? known))
        {
            Groups.Add(group, known = spare ?? []);
            spare = null;
        }

        foreach (GroupOffset offset in offsets) known[offset.Partition] = offset;
    }

    /// <summary>The offsets that become committed with the transaction.</summary>
    internal IReadOnlyList<GroupOffsets> AllOffsets()
    {
        var all = new List<GroupOffsets>(Groups.Count);
        foreach ((string group, Dictionary<TopicPartition, GroupOffset> offsets) in Groups)
        {
            if (offsets.Count > 0) all.Add(new GroupOffsets(group, [.. offsets.Values]));
        }

        return all;
    }

    /// <summary>The transaction has ended, and the producer keeps its epoch.</summary>
    internal void End(bool committed)
    {
        Reset();
        LastCommitted = committed;
    }

    internal void Reset()
    {
        Partitions.Clear();
        foreach (Dictionary<TopicPartition, GroupOffset> offsets in Groups.Values) spare = offsets;
        spare?.Clear();
        Groups.Clear();
        IsEnding = false;
    }

    /// <summary>Gives the transactional id to another producer id or epoch.</summary>
    /// <param name="producerId">The producer id.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="former">The producer that asked for it with the identity it had, or null: then that one is fenced.</param>
    /// <param name="formerCommitted">How that one's transaction ended, when the end brought the epoch.</param>
    internal void Identify(long producerId, short epoch, (long ProducerId, short Epoch)? former, bool? formerCommitted)
    {
        ProducerId = producerId;
        Epoch = epoch;
        Former = former;
        FormerCommitted = formerCommitted;
        LastCommitted = null;
    }

    /// <summary>The producer was opened over a connection: older ones do not speak for it any more, newer ones are its own.</summary>
    internal void OpenedOver(long id)
    {
        connection = id;
        offsetsConnection = 0;
    }

    /// <summary>False for a request that was sent before the producer moved to a newer connection (KAFKA-17754).</summary>
    internal bool Hears(long id) => Hears(id, ref connection);

    /// <summary>The same for offsets, which take another way: to the coordinator of their group.</summary>
    internal bool HearsOffsets(long id) => Hears(id, ref offsetsConnection);

    private static bool Hears(long id, ref long latest)
    {
        if (id == 0) return true;
        if (id < latest) return false;
        latest = id;
        return true;
    }
}
