using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Kafka;

/// <summary>Deletes records that nobody needs any more: of all partitions of one leader with one request.</summary>
/// <remarks>Source: KIP-107.</remarks>
internal static class Deletions
{
    private const string What = "Records that are handled cannot be deleted";

    internal static Task<bool> RunAsync(Cluster cluster, IReadOnlyList<PartitionStart> starts) => cluster.RetryAsync(What, async () =>
    {
        foreach ((int leader, List<PartitionStart> led) in await cluster.ByLeaderAsync(starts, static start => (start.Topic, start.Partition))) await SendAsync(cluster, leader, led);
        return true;
    });

    private static async Task SendAsync(Cluster cluster, int leader, List<PartitionStart> starts)
    {
        // Of its own: the answer comes when all replicas have deleted them.
        await using BrokerConnection connection = await cluster.ConnectAsync(leader);
        DeleteRecordsResponse answer = await connection.SendAsync(
            new DeleteRecordsRequest
            {
                TimeoutMs = (int)cluster.Options.Connection.RequestTimeout.TotalMilliseconds / 2,
                Topics = [.. starts.GroupBy(static start => start.Topic, StringComparer.Ordinal).Select(static topic => new DeleteRecordsRequest.DeleteRecordsTopic
                {
                    Name = topic.Key,
                    Partitions = [.. topic.Select(static start => new DeleteRecordsRequest.DeleteRecordsPartition { PartitionIndex = start.Partition, Offset = start.Offset })],
                })],
            },
            Cluster.Version(ApiKey.DeleteRecords, connection, 2));
        foreach (DeleteRecordsResponse.DeleteRecordsTopicResult topic in answer.Topics)
        {
            foreach (DeleteRecordsResponse.DeleteRecordsPartitionResult partition in topic.Partitions)
            {
                if (KafkaErrors.IsMoved(partition.ErrorCode)) cluster.Forget(topic.Name);
                cluster.Check(partition.ErrorCode, $"{What} from {topic.Name}/{partition.PartitionIndex}", Right.OnTopic("Delete", topic.Name));
            }
        }
    }
}
