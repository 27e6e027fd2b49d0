using System.CommandLine;
using Pipelines.Cli.Cluster;
using Pipelines.Cli.Output;

namespace Pipelines.Cli.Commands.Transactions;

/// <summary><c>pipelines transactions describe</c>.</summary>
internal static class DescribeTransactions
{
    internal static Command Create(CommandHost host)
    {
        var ids = new Argument<string[]>("transactional-id") { Description = "Transactional ids to describe.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("describe", "Shows the last transaction of transactional ids.") { ids };
        return host.Complete(command, (parsed, session) => DescribeAsync(session, parsed.GetValue(ids)!), "pipelines transactions describe import-7 --json");
    }

    private static async Task DescribeAsync(Session session, string[] ids)
    {
        Report report = session.Report("transactionalId", "state", "producerId", "epoch", "timeout", "started", "age", "partitions");
        foreach (string id in ids.Distinct())
        {
            var transaction = await TransactionView.FindAsync(session, id) ?? throw new CommandException($"There is no transactional id '{id}'; see 'pipelines transactions list --all'.");
            DateTimeOffset? started = transaction.TransactionStartTimeMs > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(transaction.TransactionStartTimeMs) : null;
            report.Add(
                id, transaction.TransactionState, transaction.ProducerId, transaction.ProducerEpoch, TimeSpan.FromMilliseconds(transaction.TransactionTimeoutMs), started,
                TransactionView.AgeOf(session, transaction), TransactionView.PartitionsOf(transaction));
        }

        report.Finish();
    }
}
