using Pipelines.Broker.Log;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;

namespace Pipelines.Cli.Cluster;

/// <summary>The committed offsets of a group, read and written by somebody who is not its member.</summary>
internal static class GroupOffsets
{
    private const short LastVersionOfNames = 9;

    /// <summary>All committed offsets.</summary>
    internal static async Task<SortedDictionary<TopicPartition, Committed>> ReadAsync(Session session, string group)
    {
        var request = new OffsetFetchRequest { Groups = [new() { GroupId = group, Topics = null }] };
        OffsetFetchResponse answer = await session.AskCoordinatorAsync(
            CoordinatorKind.Group, group, request, static answer => answer.Groups.Select(static one => one.ErrorCode).FirstOrDefault(), LastVersionOfNames);
        var offsets = new SortedDictionary<TopicPartition, Committed>(ByName);
        foreach (OffsetFetchResponse.OffsetFetchResponseGroup one in answer.Groups)
        {
            if (one.ErrorCode == (short)Broker.ErrorCode.GroupIdNotFound) continue;
            Errors.Check(one.ErrorCode, $"Offsets of group '{group}'");
            foreach (OffsetFetchResponse.OffsetFetchResponseTopics topic in one.Topics)
                foreach (OffsetFetchResponse.OffsetFetchResponsePartitions partition in topic.Partitions.Where(static partition => partition.CommittedOffset >= 0))
                    offsets[new(topic.Name, partition.PartitionIndex)] = new(partition.CommittedOffset, partition.CommittedLeaderEpoch, partition.Metadata);
        }

        return offsets;
    }

    /// <summary>Commits offsets. The coordinator refuses while the group has members.</summary>
    internal static async Task CommitAsync(Session session, string group, IReadOnlyDictionary<TopicPartition, long> offsets)
    {
        if (offsets.Count == 0) return;
        var request = new OffsetCommitRequest
        {
            GroupId = group,
            GenerationIdOrMemberEpoch = -1,
            MemberId = "",
            Topics = [.. offsets.GroupBy(static offset => offset.Key.Topic).Select(static topic => new OffsetCommitRequest.OffsetCommitRequestTopic
            {
                Name = topic.Key,
                Partitions = [.. topic.Select(static offset => new OffsetCommitRequest.OffsetCommitRequestPartition { PartitionIndex = offset.Key.Partition, CommittedOffset = offset.Value, CommittedMetadata = "" })],
            })],
        };
        OffsetCommitResponse answer = await session.AskCoordinatorAsync(CoordinatorKind.Group, group, request, FirstError, LastVersionOfNames);
        Errors.Check(FirstError(answer), $"Offsets of group '{group}'");
    }

    /// <summary>Forgets committed offsets.</summary>
    internal static async Task DeleteAsync(Session session, string group, IEnumerable<TopicPartition> partitions)
    {
        var request = new OffsetDeleteRequest
        {
            GroupId = group,
            Topics = [.. partitions.GroupBy(static partition => partition.Topic).Select(static topic => new OffsetDeleteRequest.OffsetDeleteRequestTopic
            {
                Name = topic.Key,
                Partitions = [.. topic.Select(static partition => new OffsetDeleteRequest.OffsetDeleteRequestPartition { PartitionIndex = partition.Partition })],
            })],
        };
        OffsetDeleteResponse answer = await session.AskCoordinatorAsync(CoordinatorKind.Group, group, request, static answer => answer.ErrorCode);
        Errors.Check(answer.ErrorCode, $"Offsets of group '{group}'");
        foreach (OffsetDeleteResponse.OffsetDeleteResponseTopic topic in answer.Topics)
            foreach (OffsetDeleteResponse.OffsetDeleteResponsePartition partition in topic.Partitions) Errors.Check(partition.ErrorCode, $"Offset of partition {partition.PartitionIndex} of '{topic.Name}'");
    }

    private static Comparer<TopicPartition> ByName { get; } = Comparer<TopicPartition>.Create(static (left, right) =>
        string.CompareOrdinal(left.Topic, right.Topic) is not 0 and var order ? order : left.Partition.CompareTo(right.Partition));

    private static short FirstError(OffsetCommitResponse answer) =>
        answer.Topics.SelectMany(static topic => topic.Partitions).Select(static partition => partition.ErrorCode).FirstOrDefault(static code => code != 0);
}

/// <summary>A committed offset.</summary>
/// <param name="Offset">The offset to read next.</param>
/// <param name="LeaderEpoch">The leader's epoch when it was read, or -1.</param>
/// <param name="Metadata">What the member kept with it.</param>
internal readonly record struct Committed(long Offset, int LeaderEpoch, string? Metadata);
