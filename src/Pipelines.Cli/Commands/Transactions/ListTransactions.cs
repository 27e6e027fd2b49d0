using System.CommandLine;
using Pipelines.Cli.Cluster;
using Pipelines.Cli.Output;
using Described = Pipelines.Protocol.Messages.DescribeTransactionsResponse.DescribedTransaction;

namespace Pipelines.Cli.Commands.Transactions;

/// <summary><c>pipelines transactions list</c>.</summary>
internal static class ListTransactions
{
    internal static Command Create(CommandHost host)
    {
        var all = new Option<bool>("--all") { Description = "Show transactional ids without an open transaction too." };
        var olderThan = new Option<string?>("--older-than") { Description = "Show only what is open for longer, such as 5m.", HelpName = "DURATION" };
        var hanging = new Option<bool>("--hanging") { Description = "Look into the partitions for transactions that hold readers up and that no coordinator will end, or should have ended." };
        var command = new Command("list", "Lists the open transactions, with their owners and ages.") { all, olderThan, hanging };
        return host.Complete(
            command,
            (parsed, session) =>
            {
                TimeSpan? least = ParseAge(parsed.GetValue(olderThan));
                return parsed.GetValue(hanging) ? HangingTransactions.ListAsync(session, least) : ListAsync(session, parsed.GetValue(all), least);
            },
            "pipelines transactions list",
            "pipelines transactions list --older-than 5m",
            "pipelines transactions list --hanging");
    }

    private static TimeSpan? ParseAge(string? text) => text is null ? null
        : Durations.TryParse(text, out TimeSpan age) ? age
        : throw new UsageException($"'{text}' is no duration. Write a number and a unit, such as 30s, 5m or 2h.");

    private static async Task ListAsync(Session session, bool withEnded, TimeSpan? least)
    {
        Report report = session.Report("transactionalId", "state", "producerId", "epoch", "age", "timeout", "partitions");
        foreach (string id in await TransactionView.ListAsync(session, onlyOpen: !withEnded || least is not null))
        {
            // It may have ended, or even been forgotten, since it was listed.
            if (await TransactionView.FindAsync(session, id) is not { } transaction) continue;
            if (!withEnded && !TransactionView.IsOpen(transaction.TransactionState)) continue;
            TimeSpan? age = TransactionView.AgeOf(session, transaction);
            if (least is not null && !(age > least)) continue;
            report.Add(id, transaction.TransactionState, transaction.ProducerId, transaction.ProducerEpoch, age, TimeoutOf(transaction), TransactionView.PartitionsOf(transaction));
        }

        report.Finish(least is null ? withEnded ? "There are no transactional ids." : "There is no open transaction." : "No transaction is open for that long.");
    }

    private static TimeSpan TimeoutOf(Described transaction) => TimeSpan.FromMilliseconds(transaction.TransactionTimeoutMs);
}
