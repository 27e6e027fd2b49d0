using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Kafka;

/// <summary>What offsets there are, and which are committed.</summary>
internal static class Offsets
{
    private const sbyte ReadUncommitted = 0;
    private const sbyte ReadCommitted = 1;
    private const long Earliest = -2;
    private const long Latest = -1;
    private const short FirstOfMany = 8;

    /// <summary>The first offset, and the end of what a read-committed reader may see.</summary>
    internal static Task<PartitionRange> RangeAsync(Cluster cluster, string topic, int partition) => cluster.RetryAsync(
        $"The offsets of {topic}/{partition} cannot be told",
        async () =>
        {
            await using BrokerConnection leader = await cluster.ConnectAsync(await cluster.LeaderOfAsync(topic, partition));
            long start = await AskAsync(cluster, leader, topic, partition, Earliest, ReadCommitted);
            long written = await AskAsync(cluster, leader, topic, partition, Latest, ReadUncommitted);
            return new PartitionRange(start, await AskAsync(cluster, leader, topic, partition, Latest, ReadCommitted), written);
        });

    /// <summary>The committed offset of a group, or null.</summary>
    internal static Task<long?> CommittedAsync(Cluster cluster, string group, string topic, int partition) => cluster.RetryAsync(
        $"The committed offset of group '{group}' cannot be told",
        async () =>
        {
            BrokerConnection coordinator = await cluster.CoordinatorAsync(CoordinatorKind.Group, group);
            short version = Cluster.Version(ApiKey.OffsetFetch, coordinator, 9);
            var request = new OffsetFetchRequest { RequireStable = version >= 7 };
            if (version >= FirstOfMany) request.Groups.Add(new() { GroupId = group, Topics = [new() { Name = topic, PartitionIndexes = [partition] }] });
            else (request.GroupId, request.Topics) = (group, [new() { Name = topic, PartitionIndexes = [partition] }]);
            OffsetFetchResponse answer = await coordinator.SendAsync(request, version);
            string what = $"The committed offset of group '{group}' for {topic}/{partition} cannot be read";
            Right[] needed = [Right.OnGroup("Describe", group), Right.OnTopic("Describe", topic)];
            if (version >= FirstOfMany)
            {
                OffsetFetchResponse.OffsetFetchResponseGroup one = answer.Groups.Single();
                cluster.Check(one.ErrorCode, what, needed);
                OffsetFetchResponse.OffsetFetchResponsePartitions found = one.Topics.Single().Partitions.Single();
                cluster.Check(found.ErrorCode, what, needed);
                return found.CommittedOffset < 0 ? (long?)null : found.CommittedOffset;
            }

            cluster.Check(answer.ErrorCode, what, needed);
            OffsetFetchResponse.OffsetFetchResponsePartition single = answer.Topics.Single().Partitions.Single();
            cluster.Check(single.ErrorCode, what, needed);
            return single.CommittedOffset < 0 ? null : single.CommittedOffset;
        });

    /// <summary>Commits offsets of a group, for a member of it or for one that has none.</summary>
    /// <returns>Zero, or why the member may not commit.</returns>
    internal static Task<short> CommitAsync(Cluster cluster, string group, IReadOnlyList<OffsetCommit> offsets, GroupClaim claim)
    {
        string what = $"Offsets of group '{group}' cannot be committed";
        return cluster.RetryAsync(what, async () =>
        {
            BrokerConnection coordinator = await cluster.CoordinatorAsync(CoordinatorKind.Group, group);
            OffsetCommitResponse answer = await coordinator.SendAsync(
                new OffsetCommitRequest
                {
                    GroupId = group,
                    GenerationIdOrMemberEpoch = claim.Generation,
                    MemberId = claim.MemberId,
                    GroupInstanceId = claim.InstanceId,
                    Topics = [.. offsets.GroupBy(static offset => offset.Topic, StringComparer.Ordinal).Select(static topic => new OffsetCommitRequest.OffsetCommitRequestTopic
                    {
                        Name = topic.Key,
                        Partitions = [.. topic.Select(static offset => new OffsetCommitRequest.OffsetCommitRequestPartition { PartitionIndex = offset.Partition, CommittedOffset = offset.Offset, CommittedMetadata = "" })],
                    })],
                },
                Cluster.Version(ApiKey.OffsetCommit, coordinator, 8));
            foreach (OffsetCommitResponse.OffsetCommitResponseTopic topic in answer.Topics)
            {
                foreach (OffsetCommitResponse.OffsetCommitResponsePartition partition in topic.Partitions)
                {
                    if (KafkaErrors.IsLost(partition.ErrorCode)) return partition.ErrorCode;
                    cluster.Check(partition.ErrorCode, what, Right.OnGroup("Read", group), Right.OnTopic("Read", topic.Name));
                }
            }

            return (short)0;
        });
    }

    private static async Task<long> AskAsync(Cluster cluster, BrokerConnection leader, string topic, int partition, long time, sbyte isolation)
    {
        ListOffsetsResponse answer = await leader.SendAsync(
            new ListOffsetsRequest { ReplicaId = -1, IsolationLevel = isolation, Topics = [new() { Name = topic, Partitions = [new() { PartitionIndex = partition, Timestamp = time, CurrentLeaderEpoch = -1 }] }] },
            Cluster.Version(ApiKey.ListOffsets, leader, 7));
        ListOffsetsResponse.ListOffsetsPartitionResponse found = answer.Topics.Single().Partitions.Single();
        if (KafkaErrors.IsMoved(found.ErrorCode)) cluster.Forget(topic);
        if (found.ErrorCode == (short)KafkaError.UnknownTopicOrPartition) throw new PassingException("the broker does not know the partition yet");
        cluster.Check(found.ErrorCode, $"The offsets of {topic}/{partition} cannot be told", Right.OnTopic("Describe", topic));
        return found.Offset;
    }
}
