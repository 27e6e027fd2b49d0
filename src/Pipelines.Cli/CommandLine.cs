using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Pipelines.Cli.Commands;

namespace Pipelines.Cli;

/// <summary>All commands, and how the process ends.</summary>
internal static class CommandLine
{
    /// <summary>Runs what was typed.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    internal static async Task<int> RunAsync(IReadOnlyList<string> arguments, Terminal terminal, CancellationToken cancellation = default)
    {
        var host = new CommandHost(terminal);
        RootCommand root = Create(host);
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples) return await RefuseAsync(parsed, terminal);
        var configuration = new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false };
        int code = await parsed.InvokeAsync(configuration, cancellation);
        try
        {
            await terminal.Out.FlushAsync(CancellationToken.None);
        }
        catch (IOException)
        {
            // Commands have said their part; whoever read it has gone.
        }

        return code;
    }

    private static RootCommand Create(CommandHost host)
    {
        var root = new RootCommand("Pipelines: a broker to run, and what people ask of one.")
        {
            BrokerCommand.Create(),
            TopicsCommand.Create(host),
            ClusterCommand.Create(host),
            GroupsCommand.Create(host),
            OffsetsCommand.Create(host),
            TransactionsCommand.Create(host),
            ProduceCommand.Create(host),
            ConsumeCommand.Create(host),
        };
        foreach (HelpOption help in root.Options.OfType<HelpOption>()) help.Action = new HelpWithExamples((HelpAction)help.Action!, host);
        return root;
    }

    private static async Task<int> RefuseAsync(ParseResult parsed, Terminal terminal)
    {
        string name = CommandHost.PathOf(parsed.CommandResult);
        // "Required command was not provided" comes along with every word that is no command.
        IEnumerable<string> messages = parsed.UnmatchedTokens.Count > 0
            ? [$"'{parsed.UnmatchedTokens[0]}' is not known here."]
            : parsed.Errors.Select(static error => error.Message).Distinct();
        foreach (string message in messages) await terminal.Error.WriteLineAsync($"{name}: {message}");
        await terminal.Error.WriteLineAsync($"See '{name} --help'.");
        return ExitCodes.Usage;
    }
}
