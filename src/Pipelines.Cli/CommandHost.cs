using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics.CodeAnalysis;
using Pipelines.Broker.Server;
using Pipelines.Cli.Cluster;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Records;
using Pipelines.Protocol.Wire;

namespace Pipelines.Cli;

/// <summary>What the commands that talk to a broker share: options, examples, and how their mistakes are told.</summary>
internal sealed class CommandHost(Terminal terminal)
{
    private static readonly Address Usual = new("localhost", 9092);
    private readonly Dictionary<Command, string[]> examples = [];

    /// <summary>What is read from and written to.</summary>
    internal Terminal Terminal { get; } = terminal;

    private Option<string[]> Bootstrap { get; } = new("--bootstrap")
    {
        Description = "A broker of the cluster, as HOST:PORT; several with commas. Without it PIPELINES_BOOTSTRAP, or localhost:9092.",
        HelpName = "HOST:PORT",
    };

    private Option<bool> Json { get; } = new("--json") { Description = "Print JSON, one object a line." };

    /// <summary>The path of a command, as it is typed.</summary>
    internal static string PathOf(CommandResult result)
    {
        string name = result.Command is RootCommand ? "pipelines" : result.Command.Name;
        return result.Parent is CommandResult parent ? $"{PathOf(parent)} {name}" : name;
    }

    /// <summary>What a command's help ends with.</summary>
    internal IReadOnlyList<string> ExamplesOf(Command command) => examples.TryGetValue(command, out string[]? found) ? found : [];

    /// <summary>A command that holds others.</summary>
    internal static Command Group(string name, string description, params IEnumerable<Command> commands)
    {
        var group = new Command(name, description);
        foreach (Command command in commands) group.Add(command);
        return group;
    }

    /// <summary>Completes a command: options to reach the broker, what it does, examples.</summary>
    internal Command Complete(Command command, Func<ParseResult, Session, Task> act, params string[] examples)
    {
        command.Add(Bootstrap);
        command.Add(Json);
        command.SetAction((parsed, cancellation) => RunAsync(parsed, act, cancellation));
        this.examples[command] = examples;
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, Func<ParseResult, Session, Task> act, CancellationToken cancellation)
    {
        string name = PathOf(parsed.CommandResult);
        try
        {
            await using var session = new Session(Terminal, new BrokerClient(Addresses(parsed)), parsed.GetValue(Json), cancellation);
            await act(parsed, session);
            return ExitCodes.Done;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (UsageException problem)
        {
            await SayAsync(name, problem.Message);
            return ExitCodes.Usage;
        }
        catch (BrokerConnectionException problem)
        {
            await SayAsync(name, $"{problem.Message.TrimEnd('.')}. Another broker is named with --bootstrap HOST:PORT.");
            return ExitCodes.Failed;
        }
        catch (UnsupportedFieldException problem)
        {
            await SayAsync(name, $"The broker is too old for this: {problem.Message}");
            return ExitCodes.Failed;
        }
        catch (Exception problem) when (problem is CommandException or IOException or CorruptBatchException or InvalidDataException or UnauthorizedAccessException)
        {
            await SayAsync(name, problem.Message);
            return ExitCodes.Failed;
        }
    }

    [SuppressMessage("Reliability", "CA2016", Justification = "What went wrong is said even after Ctrl-C.")]
    private async Task SayAsync(string name, string message)
    {
        await Terminal.Out.FlushAsync();
        await Terminal.Error.WriteLineAsync($"{name}: {message}");
    }

    private List<(string Host, int Port)> Addresses(ParseResult parsed)
    {
        string[] typed = parsed.GetValue(Bootstrap) is { Length: > 0 } option ? option : Terminal.Bootstrap is { Length: > 0 } usual ? [usual] : [Usual.ToString()];
        var addresses = new List<(string, int)>();
        foreach (string text in typed.SelectMany(static text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
        {
            if (!Address.TryParse(text, out Address address)) throw new UsageException($"'{text}' is no address of a broker. Write HOST:PORT, such as {Usual}.");
            addresses.Add((address.Host, address.Port));
        }

        return addresses;
    }
}
