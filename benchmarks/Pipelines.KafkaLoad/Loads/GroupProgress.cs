using Pipelines.Loads.Brokers;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;

namespace Pipelines.KafkaLoad.Loads;

/// <summary>How many events a group has committed: the sum of its offsets, since the input holds nothing but events.</summary>
internal sealed class GroupProgress(BrokerConnection connection, string group, int partitions) : IAsyncDisposable
{
    private const short Version = 7;

    internal static async Task<GroupProgress> OpenAsync(BrokerProcess broker, string group, int partitions)
    {
        BrokerConnection connection = await broker.ConnectAsync();
        await connection.SendAsync(new FindCoordinatorRequest { KeyType = (sbyte)CoordinatorKind.Group, CoordinatorKeys = [group] });
        return new GroupProgress(connection, group, partitions);
    }

    internal async Task<long> ReadAsync()
    {
        OffsetFetchResponse answer = await connection.SendAsync(
            new OffsetFetchRequest { GroupId = group, Topics = [new() { Name = Events.Topic, PartitionIndexes = [.. Enumerable.Range(0, partitions)] }] }, Version);
        return answer.ErrorCode == 0 ? answer.Topics.Sum(static topic => topic.Partitions.Sum(static partition => Math.Max(0, partition.CommittedOffset))) : 0;
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
