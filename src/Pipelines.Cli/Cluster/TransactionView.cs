using Pipelines.Broker;
using Pipelines.Broker.Log;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Described = Pipelines.Protocol.Messages.DescribeTransactionsResponse.DescribedTransaction;
using Producer = Pipelines.Protocol.Messages.DescribeProducersResponse.ProducerState;

namespace Pipelines.Cli.Cluster;

/// <summary>Questions about transactions: to their coordinators, and to the leaders of the partitions they write to.</summary>
/// <remarks>Source: KIP-664.</remarks>
internal static class TransactionView
{
    private static readonly string[] OpenStates = ["Ongoing", "PrepareCommit", "PrepareAbort"];

    /// <summary>Whether a transaction in that state keeps readers waiting.</summary>
    internal static bool IsOpen(string state) => OpenStates.Contains(state);

    /// <summary>Transactional ids that coordinators know.</summary>
    /// <param name="session">The cluster.</param>
    /// <param name="onlyOpen">Leave out those whose transaction has ended.</param>
    internal static async Task<IReadOnlyList<string>> ListAsync(Session session, bool onlyOpen)
    {
        IReadOnlyList<(int NodeId, ListTransactionsResponse Answer)> answers = await session.AskAllAsync(new ListTransactionsRequest { StateFilters = onlyOpen ? [.. OpenStates] : [] });
        foreach ((int node, ListTransactionsResponse answer) in answers) Errors.Check(answer.ErrorCode, $"The transactions of broker {node}");
        return [.. answers.SelectMany(static answer => answer.Answer.TransactionStates).Select(static listed => listed.TransactionalId).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>What the coordinator knows; null when it does not know the id.</summary>
    internal static async Task<Described?> FindAsync(Session session, string transactionalId)
    {
        DescribeTransactionsResponse answer = await session.AskCoordinatorAsync(
            CoordinatorKind.Transaction, transactionalId, new DescribeTransactionsRequest { TransactionalIds = [transactionalId] },
            static answer => answer.TransactionStates.Select(static one => one.ErrorCode).FirstOrDefault());
        Described? found = answer.TransactionStates.FirstOrDefault();
        if (found is null || found.ErrorCode == (short)ErrorCode.TransactionalIdNotFound) return null;
        Errors.Check(found.ErrorCode, $"Transaction '{transactionalId}'");
        return found;
    }

    /// <summary>How long a transaction is open; null when it is not.</summary>
    internal static TimeSpan? AgeOf(Session session, Described transaction) =>
        IsOpen(transaction.TransactionState) && transaction.TransactionStartTimeMs > 0 ? session.Now - DateTimeOffset.FromUnixTimeMilliseconds(transaction.TransactionStartTimeMs) : null;

    /// <summary>Its partitions, as <c>ticks:0</c>.</summary>
    internal static IEnumerable<string> PartitionsOf(Described transaction) =>
        transaction.Topics.OrderBy(static topic => topic.Topic, StringComparer.Ordinal).SelectMany(static topic => topic.Partitions.Order().Select(partition => $"{topic.Topic}:{partition}"));

    /// <summary>Producers with a transaction open in partitions.</summary>
    internal static async Task<IReadOnlyList<(TopicPartition Partition, Producer Producer)>> OpenInAsync(Session session, TopicView topics, IEnumerable<TopicPartition> partitions)
    {
        var open = new List<(TopicPartition, Producer)>();
        await topics.AskLeadersAsync(partitions, async (leader, led) =>
        {
            DescribeProducersResponse answer = await leader.SendAsync(
                new DescribeProducersRequest { Topics = [.. led.Select(static topic => new DescribeProducersRequest.TopicRequest { Name = topic.Key, PartitionIndexes = [.. topic.Select(static partition => partition.Partition)] })] },
                cancellation: session.Stop);
            foreach (DescribeProducersResponse.TopicResponse topic in answer.Topics)
            {
                foreach (DescribeProducersResponse.PartitionResponse partition in topic.Partitions)
                {
                    Errors.Check(partition.ErrorCode, $"Producers of partition {partition.PartitionIndex} of '{topic.Name}'", partition.ErrorMessage);
                    foreach (Producer producer in partition.ActiveProducers.Where(static producer => producer.CurrentTxnStartOffset >= 0)) open.Add((new(topic.Name, partition.PartitionIndex), producer));
                }
            }
        });
        return open;
    }
}
