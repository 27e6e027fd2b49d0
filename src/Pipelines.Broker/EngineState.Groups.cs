using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Transactions;

namespace Pipelines.Broker;

/// <content>Committed offsets.</content>
internal sealed partial class EngineState
{
    internal Outcome<ErrorCode> CommitOffsets(string group, IReadOnlyList<GroupOffset> offsets)
    {
        foreach (GroupOffset offset in offsets)
        {
            if (FindLog(offset.Partition) is null) return new(ErrorCode.UnknownTopicOrPartition);
        }

        journal.Append(new OffsetsCommitted(group, offsets));
        // Others see them when they are durable, not before.
        return new(ErrorCode.None, IsWrite: true, () => Apply(group, offsets));
    }

    internal Outcome<(ErrorCode Error, GroupOffset? Offset)> FindOffset(string group, TopicPartition partition, bool requireStable)
    {
        if (requireStable)
        {
            foreach (TransactionState transaction in transactions.Values)
            {
                if (transaction.Group == group && transaction.Offsets.ContainsKey(partition)) return new((ErrorCode.UnstableOffsetCommit, null));
            }
        }

        return new((ErrorCode.None, groups.TryGetValue(group, out Dictionary<TopicPartition, GroupOffset>? offsets) && offsets.TryGetValue(partition, out GroupOffset found) ? found : null));
    }

    private void Apply(string group, IReadOnlyList<GroupOffset> offsets)
    {
        if (offsets.Count == 0) return;
        if (!groups.TryGetValue(group, out Dictionary<TopicPartition, GroupOffset>? known)) groups.Add(group, known = []);
        foreach (GroupOffset offset in offsets) known[offset.Partition] = offset;
    }
}
