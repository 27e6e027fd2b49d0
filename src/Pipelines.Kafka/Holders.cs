using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Kafka;

/// <summary>Whose transaction holds the readers of a partition up: the leader knows the producer, a coordinator its name.</summary>
/// <remarks>Source: KIP-664.</remarks>
internal static class Holders
{
    /// <summary>The oldest open transaction of a partition; null when there is none, or when nobody may know.</summary>
    internal static async Task<OpenTransaction?> FindAsync(Cluster cluster, string topic, int partition)
    {
        DescribeProducersResponse.ProducerState? oldest;
        await using (BrokerConnection leader = await cluster.ConnectAsync(await cluster.LeaderOfAsync(topic, partition)))
        {
            DescribeProducersResponse answer = await leader.SendAsync(new DescribeProducersRequest { Topics = [new() { Name = topic, PartitionIndexes = [partition] }] });
            oldest = answer.Topics.Single().Partitions.Single().ActiveProducers.Where(static producer => producer.CurrentTxnStartOffset >= 0).MinBy(static producer => producer.CurrentTxnStartOffset);
        }

        if (oldest is null) return null;
        string? id = await NameOfAsync(cluster, oldest.ProducerId);
        var holder = new OpenTransaction(oldest.ProducerId, oldest.CurrentTxnStartOffset, id, OpenFor: null, Timeout: null);
        return id is null ? holder : await DescribeAsync(cluster, holder, id);
    }

    private static async Task<string?> NameOfAsync(Cluster cluster, long producerId)
    {
        foreach (int node in cluster.Nodes)
        {
            await using BrokerConnection connection = await cluster.ConnectAsync(node);
            ListTransactionsResponse answer = await connection.SendAsync(new ListTransactionsRequest { ProducerIdFilters = [producerId] }, Cluster.Version(ApiKey.ListTransactions, connection, 1));
            if (answer.TransactionStates.FirstOrDefault() is { } found) return found.TransactionalId;
        }

        return null;
    }

    private static async Task<OpenTransaction> DescribeAsync(Cluster cluster, OpenTransaction holder, string id)
    {
        BrokerConnection coordinator = await cluster.CoordinatorAsync(CoordinatorKind.Transaction, id);
        DescribeTransactionsResponse answer = await coordinator.SendAsync(new DescribeTransactionsRequest { TransactionalIds = [id] });
        if (answer.TransactionStates.FirstOrDefault() is not { ErrorCode: 0, TransactionStartTimeMs: > 0 } found) return holder;
        TimeSpan open = cluster.Options.Clock.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(found.TransactionStartTimeMs);
        return holder with { OpenFor = open, Timeout = TimeSpan.FromMilliseconds(found.TransactionTimeoutMs) };
    }
}
