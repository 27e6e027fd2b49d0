using System.CommandLine;
using Pipelines.Cli.Commands.Transactions;

namespace Pipelines.Cli.Commands;

/// <summary><c>pipelines transactions</c>.</summary>
internal static class TransactionsCommand
{
    internal static Command Create(CommandHost host) => CommandHost.Group(
        "transactions", "Lists, describes and aborts transactions.", ListTransactions.Create(host), DescribeTransactions.Create(host), AbortTransaction.Create(host));
}
