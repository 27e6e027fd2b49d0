using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Transactions;

namespace Pipelines.Broker;

/// <content>Committed offsets.</content>
internal sealed partial class EngineState
{
    private const int MaxMetadataLength = 4096;

    internal Outcome<ErrorCode> CommitOffsets(string group, IReadOnlyList<GroupOffset> offsets)
    {
        ErrorCode error = CheckOffsets(group, offsets);
        if (error != ErrorCode.None) return new(error);
        journal.Append(new OffsetsCommitted(group, offsets));
        // Others see them when they are durable, not before.
        return new(ErrorCode.None, IsWrite: true, () => Apply(group, offsets));
    }

    internal Outcome<(ErrorCode Error, GroupOffset? Offset)> FindOffset(string group, TopicPartition partition, bool requireStable)
    {
        CommittedOffset found = FindOffset(group, partition, FindOpenOffsets(group, requireStable));
        return new((found.Error, found.Offset));
    }

    internal Outcome<IReadOnlyList<CommittedOffset>> FindOffsets(string group, IReadOnlyList<TopicPartition>? partitions, bool requireStable)
    {
        HashSet<TopicPartition> open = FindOpenOffsets(group, requireStable);
        IEnumerable<TopicPartition> wanted = partitions ?? (groups.TryGetValue(group, out Dictionary<TopicPartition, GroupOffset>? all) ? all.Keys.Union(open) : open);
        return new([.. wanted.Select(partition => FindOffset(group, partition, open))]);
    }

    private CommittedOffset FindOffset(string group, TopicPartition partition, HashSet<TopicPartition> open)
    {
        if (open.Contains(partition)) return new(ErrorCode.UnstableOffsetCommit, partition, null);
        bool isKnown = groups.TryGetValue(group, out Dictionary<TopicPartition, GroupOffset>? offsets) && offsets.ContainsKey(partition);
        return new(ErrorCode.None, partition, isKnown ? offsets![partition] : null);
    }

    /// <summary>The partitions for which an open transaction holds an offset of the group; none when nobody wants to know.</summary>
    private HashSet<TopicPartition> FindOpenOffsets(string group, bool requireStable)
    {
        var open = new HashSet<TopicPartition>();
        if (!requireStable || !options.Guards(Protections.Stability)) return open;
        foreach (TransactionState transaction in transactions.Values)
        {
            if (transaction.Groups.TryGetValue(group, out Dictionary<TopicPartition, GroupOffset>? offsets)) open.UnionWith(offsets.Keys);
        }

        return open;
    }

    private ErrorCode CheckOffsets(string group, IReadOnlyList<GroupOffset> offsets)
    {
        if (group.Length == 0) return ErrorCode.InvalidGroupId;
        foreach (GroupOffset offset in offsets)
        {
            if (FindLog(offset.Partition) is null) return ErrorCode.UnknownTopicOrPartition;
            if (offset.Metadata.Length > MaxMetadataLength) return ErrorCode.OffsetMetadataTooLarge;
        }

        return ErrorCode.None;
    }

    private void Apply(IReadOnlyList<GroupOffsets> all)
    {
        foreach (GroupOffsets offsets in all) Apply(offsets.Group, offsets.Offsets);
    }

    private void Apply(string group, IReadOnlyList<GroupOffset> offsets)
    {
        if (offsets.Count == 0) return;
        if (!groups.TryGetValue(group, out Dictionary<TopicPartition, GroupOffset>? known)) groups.Add(group, known = []);
        foreach (GroupOffset offset in offsets)
        {
            // Of a topic that was deleted while the offset became durable nothing is kept.
            if (FindLog(offset.Partition) is not null) known[offset.Partition] = offset;
        }

        if (known.Count == 0) groups.Remove(group);
    }

    /// <summary>A topic is gone, or is new: whatever was committed of one of the name is over.</summary>
    private void ForgetOffsets(string topic)
    {
        foreach ((string group, Dictionary<TopicPartition, GroupOffset> offsets) in groups)
        {
            // Removing while enumerating is allowed for a dictionary.
            foreach (TopicPartition partition in offsets.Keys.Where(partition => partition.Topic == topic)) offsets.Remove(partition);
            if (offsets.Count == 0) groups.Remove(group);
        }

        foreach (TransactionState transaction in transactions.Values)
        {
            foreach (Dictionary<TopicPartition, GroupOffset> offsets in transaction.Groups.Values)
            {
                foreach (TopicPartition partition in offsets.Keys.Where(partition => partition.Topic == topic)) offsets.Remove(partition);
            }
        }
    }
}
