using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Kafka;

/// <summary>Whose transaction holds the readers of a partition up, or a group's offsets: the leader knows the producer, a coordinator its name.</summary>
/// <remarks>Source: KIP-664.</remarks>
internal static class Holders
{
    private static readonly string[] Undecided = ["Ongoing", "PrepareCommit", "PrepareAbort"];

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
        string? id = (await ListAsync(cluster, new ListTransactionsRequest { ProducerIdFilters = [oldest.ProducerId] })).FirstOrDefault()?.TransactionalId;
        var holder = new OpenTransaction(oldest.ProducerId, oldest.CurrentTxnStartOffset, id, OpenFor: null, Timeout: null);
        return id is null ? holder : await DescribeAsync(cluster, holder, id);
    }

    /// <summary>The oldest open transaction of a group's members; null when there is none.</summary>
    /// <remarks>No broker tells whose transaction offsets are in, but members' transactional ids begin with the name of their group.</remarks>
    internal static async Task<OpenTransaction?> FindOfGroupAsync(Cluster cluster, string group)
    {
        OpenTransaction? oldest = null;
        foreach (ListTransactionsResponse.ListedTransaction one in await ListAsync(cluster, new ListTransactionsRequest { StateFilters = [.. Undecided] }))
        {
            if (!one.TransactionalId.StartsWith($"{group}-", StringComparison.Ordinal)) continue;
            OpenTransaction holder = await DescribeAsync(cluster, new OpenTransaction(one.ProducerId, FirstOffset: null, one.TransactionalId, OpenFor: null, Timeout: null), one.TransactionalId);
            if (oldest is null || holder.OpenFor > oldest.OpenFor) oldest = holder;
        }

        return oldest;
    }

    private static async Task<List<ListTransactionsResponse.ListedTransaction>> ListAsync(Cluster cluster, ListTransactionsRequest request)
    {
        var found = new List<ListTransactionsResponse.ListedTransaction>();
        foreach (int node in cluster.Nodes)
        {
            await using BrokerConnection connection = await cluster.ConnectAsync(node);
            found.AddRange((await connection.SendAsync(request, Cluster.Version(ApiKey.ListTransactions, connection, 1))).TransactionStates);
        }

        return found;
    }

    private static async Task<OpenTransaction> DescribeAsync(Cluster cluster, OpenTransaction holder, string id)
    {
        BrokerConnection coordinator = await cluster.CoordinatorAsync(CoordinatorKind.Transaction, id);
        DescribeTransactionsResponse answer = await coordinator.SendAsync(new DescribeTransactionsRequest { TransactionalIds = [id] });
        if (answer.TransactionStates.FirstOrDefault() is not { ErrorCode: 0 } found) return holder;
        // What the log holds open and the coordinator does not.
        if (holder.FirstOffset is not null && !Undecided.Contains(found.TransactionState)) return holder with { IsHanging = true };
        if (found.TransactionStartTimeMs <= 0) return holder;
        TimeSpan open = cluster.Options.Clock.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(found.TransactionStartTimeMs);
        return holder with { OpenFor = open, Timeout = TimeSpan.FromMilliseconds(found.TransactionTimeoutMs) };
    }
}
