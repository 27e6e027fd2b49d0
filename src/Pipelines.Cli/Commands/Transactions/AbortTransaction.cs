using System.CommandLine;
using Pipelines.Broker.Log;
using Pipelines.Cli.Arguments;
using Pipelines.Cli.Cluster;
using Pipelines.Cli.Records;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Producer = Pipelines.Protocol.Messages.DescribeProducersResponse.ProducerState;

namespace Pipelines.Cli.Commands.Transactions;

/// <summary><c>pipelines transactions abort</c>: by transactional id, or what hangs in a partition.</summary>
internal static class AbortTransaction
{
    internal static Command Create(CommandHost host)
    {
        var id = new Argument<string?>("transactional-id") { Description = "The transaction's owner, who is fenced.", Arity = ArgumentArity.ZeroOrOne };
        var partition = new Option<string?>("--partition") { Description = "The partition in which a transaction hangs that no coordinator knows.", HelpName = "TOPIC:N" };
        var producerId = new Option<long?>("--producer-id") { Description = "The producer whose transaction it is, when several are open in the partition.", HelpName = "N" };
        var command = new Command("abort", "Aborts an open transaction; its producer is fenced.") { id, partition, producerId };
        return host.Complete(
            command,
            (parsed, session) => (parsed.GetValue(id), parsed.GetValue(partition)) switch
            {
                ({ } owner, null) => AbortAsync(session, owner),
                (null, { } where) => AbortInAsync(session, where, parsed.GetValue(producerId)),
                _ => throw new UsageException("Say which transaction: either a transactional id or --partition TOPIC:N."),
            },
            "pipelines transactions abort import-7",
            "pipelines transactions abort --partition orders:3 --producer-id 4711");
    }

    private static async Task AbortAsync(Session session, string id)
    {
        var transaction = await TransactionView.FindAsync(session, id) ?? throw new CommandException($"There is no transactional id '{id}'; see 'pipelines transactions list --all'.");
        if (!TransactionView.IsOpen(transaction.TransactionState)) throw new CommandException($"'{id}' has no open transaction (it is {transaction.TransactionState}); there is nothing to abort.");
        if (transaction.TransactionState != "Ongoing") throw new CommandException($"The transaction of '{id}' is about to end already ({transaction.TransactionState}). Look again in a moment.");
        // A new producer with the same id takes over, and the coordinator aborts what the one before left open.
        ProducerId taken = await ProducerId.InitAsync(session, id);
        session.Say(
            $"Aborted the transaction of '{id}'; its producer {transaction.ProducerId}, epoch {transaction.ProducerEpoch}, is fenced.",
            ("transactionalId", id), ("result", "aborted"), ("producerId", taken.Id), ("epoch", taken.Epoch));
    }

    private static async Task AbortInAsync(Session session, string where, long? producerId)
    {
        (TopicView topics, IReadOnlyList<TopicPartition> partitions) = await Partitions.ResolveAsync(session, [where]);
        if (partitions.Count != 1) throw new UsageException($"'{where}' is not one partition. Write --partition TOPIC:N.");
        TopicPartition partition = partitions[0];
        Producer[] open = [.. (await TransactionView.OpenInAsync(session, topics, partitions)).Select(static one => one.Producer).Where(producer => producerId is null || producer.ProducerId == producerId)];
        if (open.Length == 0) throw new CommandException($"No such transaction is open in {where}; see 'pipelines transactions list --hanging'.");
        if (open.Length > 1) throw new CommandException($"{open.Length} transactions are open in {where}. Choose one with --producer-id: {string.Join(", ", open.Select(static producer => producer.ProducerId))}.");
        if (await OwnerAsync(session, partition, open[0].ProducerId) is { } owner)
        {
            await AbortAsync(session, owner);
            return;
        }

        await WriteMarkerAsync(session, await topics.LeaderAsync(partition), partition, open[0]);
        session.Say(
            $"Aborted the transaction of producer {open[0].ProducerId}, epoch {open[0].ProducerEpoch}, in {where}.",
            ("topic", partition.Topic), ("partition", partition.Partition), ("producerId", open[0].ProducerId), ("epoch", open[0].ProducerEpoch), ("result", "aborted"));
    }

    /// <summary>Who has the transaction open, partition and all, by its coordinator's account.</summary>
    private static async Task<string?> OwnerAsync(Session session, TopicPartition partition, long producerId)
    {
        IReadOnlyList<(int NodeId, ListTransactionsResponse Answer)> answers = await session.AskAllAsync(new ListTransactionsRequest { ProducerIdFilters = [producerId] });
        foreach (string id in answers.SelectMany(static answer => answer.Answer.TransactionStates).Select(static listed => listed.TransactionalId))
        {
            if (await TransactionView.FindAsync(session, id) is { } found && TransactionView.PartitionsOf(found).Contains($"{partition.Topic}:{partition.Partition}")) return id;
        }

        return null;
    }

    private static async Task WriteMarkerAsync(Session session, BrokerConnection leader, TopicPartition partition, Producer producer)
    {
        WriteTxnMarkersResponse answer = await leader.SendAsync(
            new WriteTxnMarkersRequest
            {
                Markers =
                [
                    new()
                    {
                        ProducerId = producer.ProducerId,
                        ProducerEpoch = (short)producer.ProducerEpoch,
                        TransactionResult = false,
                        Topics = [new() { Name = partition.Topic, PartitionIndexes = [partition.Partition] }],
                        CoordinatorEpoch = Math.Max(0, producer.CoordinatorEpoch),
                    },
                ],
            },
            cancellation: session.Stop);
        foreach (var result in answer.Markers.SelectMany(static marker => marker.Topics).SelectMany(static topic => topic.Partitions)) Errors.Check(result.ErrorCode, $"The transaction in {partition.Topic}:{partition.Partition}");
    }
}
