using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics.CodeAnalysis;
using Pipelines.Cli.Arguments;
using Pipelines.Cli.Cluster;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Records;
using Pipelines.Protocol.Wire;

namespace Pipelines.Cli;

/// <summary>What the commands that talk to a broker share: options, examples, and how their mistakes are told.</summary>
internal sealed class CommandHost(Terminal terminal)
{
    // EPIPE of Linux and macOS.
    private const int BrokenPipe = 32;
    private readonly Dictionary<Command, string[]> examples = [];

    /// <summary>What is read from and written to.</summary>
    internal Terminal Terminal { get; } = terminal;

    private ConnectionArguments Connection { get; } = new();

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
        Connection.AddTo(command);
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
            await using var session = new Session(Terminal, Connection.Client(parsed, Terminal), parsed.GetValue(Json), cancellation);
            await act(parsed, session);
            await Terminal.Out.FlushAsync(CancellationToken.None);
            return ExitCodes.Done;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (IOException problem) when (problem.HResult == BrokenPipe)
        {
            // Whoever read the output has enough of it: 'consume ticks | head'.
            return ExitCodes.Done;
        }
        catch (UsageException problem)
        {
            await SayAsync(name, problem.Message);
            return ExitCodes.Usage;
        }
        catch (BrokerConnectionException problem)
        {
            await SayAsync(name, ConnectionAdvice.Explain(problem));
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
}
