using Pipelines.Broker;
using Pipelines.Broker.Log;
using Pipelines.Protocol.Messages;

namespace Pipelines.Soak.Brokers.Clients;

/// <summary>Reads the offsets that a group has committed, and notes what it is told.</summary>
internal static class GroupOffsets
{
    private const short Version = 8;

    /// <summary>The offsets, 0 where there is none. Waits while a transaction decides about one.</summary>
    internal static async Task<Dictionary<TopicPartition, long>> FetchAsync(
        Link link, Memberships memberships, string group, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation)
    {
        var offsets = new Dictionary<TopicPartition, long>();
        await link.AskAsync("OffsetFetch", async connection =>
        {
            Dictionary<TopicPartition, long> before = memberships.Floors(group, partitions);
            OffsetFetchResponse answer = await connection.SendAsync(
                new OffsetFetchRequest
                {
                    RequireStable = true,
                    Groups =
                    [
                        new()
                        {
                            GroupId = group,
                            Topics = [.. partitions.GroupBy(static one => one.Topic).Select(static topic => new OffsetFetchRequest.OffsetFetchRequestTopics
                            {
                                Name = topic.Key,
                                PartitionIndexes = [.. topic.Select(static one => one.Partition)],
                            })],
                        },
                    ],
                },
                Version,
                cancellation);
            OffsetFetchResponse.OffsetFetchResponseGroup found = answer.Groups.Single();
            if (found.ErrorCode != 0) return (ErrorCode)found.ErrorCode;
            foreach (OffsetFetchResponse.OffsetFetchResponseTopics topic in found.Topics)
            {
                foreach (OffsetFetchResponse.OffsetFetchResponsePartitions one in topic.Partitions)
                {
                    if (one.ErrorCode != 0) return (ErrorCode)one.ErrorCode;
                    var partition = new TopicPartition(topic.Name, one.PartitionIndex);
                    offsets[partition] = Math.Max(0, one.CommittedOffset);
                    memberships.SawOffset(group, partition, offsets[partition], before[partition]);
                }
            }

            return ErrorCode.None;
        }, cancellation);
        return offsets;
    }
}
