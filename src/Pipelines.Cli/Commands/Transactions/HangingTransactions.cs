using Pipelines.Broker.Log;
using Pipelines.Cli.Cluster;
using Pipelines.Cli.Output;
using Described = Pipelines.Protocol.Messages.DescribeTransactionsResponse.DescribedTransaction;
using Producer = Pipelines.Protocol.Messages.DescribeProducersResponse.ProducerState;

namespace Pipelines.Cli.Commands.Transactions;

/// <summary>Transactions that hold up readers of committed records, seen from the partitions.</summary>
/// <remarks>Source: KIP-664. A transaction hangs when its coordinator does not know of it in that partition, or has let its timeout pass.</remarks>
internal static class HangingTransactions
{
    internal static async Task ListAsync(Session session, TimeSpan? least)
    {
        TopicView topics = await TopicView.AllAsync(session);
        var open = await TransactionView.OpenInAsync(session, topics, topics.Partitions);
        Dictionary<long, Described> owners = open.Count == 0 ? [] : await OwnersAsync(session);
        Report report = session.Report("topic", "partition", "start", "producerId", "epoch", "owner", "state", "age", "why");
        foreach ((TopicPartition partition, Producer producer) in open)
        {
            owners.TryGetValue(producer.ProducerId, out Described? owner);
            bool isKnown = owner is not null && TransactionView.PartitionsOf(owner).Contains($"{partition.Topic}:{partition.Partition}");
            TimeSpan age = isKnown && TransactionView.AgeOf(session, owner!) is { } known ? known : session.Now - DateTimeOffset.FromUnixTimeMilliseconds(producer.LastTimestamp);
            TimeSpan most = least ?? (isKnown ? TimeSpan.FromMilliseconds(owner!.TransactionTimeoutMs) : TimeSpan.Zero);
            if (isKnown ? age <= most : least is not null && age <= least) continue;
            report.Add(
                partition.Topic, partition.Partition, producer.CurrentTxnStartOffset, producer.ProducerId, producer.ProducerEpoch, owner?.TransactionalId, owner?.TransactionState, age,
                isKnown ? "open for too long" : "no coordinator will end it");
        }

        report.Finish("No transaction hangs.");
    }

    private static async Task<Dictionary<long, Described>> OwnersAsync(Session session)
    {
        var owners = new Dictionary<long, Described>();
        foreach (string id in await TransactionView.ListAsync(session, onlyOpen: false))
            if (await TransactionView.FindAsync(session, id) is { } transaction) owners[transaction.ProducerId] = transaction;
        return owners;
    }
}
