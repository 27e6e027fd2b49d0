using System.Text.Json.Nodes;
using Pipelines.Broker;
using Pipelines.Broker.Server;

namespace Pipelines.Cli.Tests;

/// <summary>The command line in this process, with a broker of its own.</summary>
internal sealed class Tool : IAsyncDisposable
{
    private Tool(EmbeddedBroker broker) => Broker = broker;

    public EmbeddedBroker Broker { get; }

    public static async Task<Tool> StartAsync() => new(await EmbeddedBroker.StartAsync(durability: Durability.Os));

    /// <summary>Runs a line, split at spaces; quotes are not understood.</summary>
    public Task<Outcome> RunAsync(string line, string input = "", CancellationToken cancellation = default) => RunAsync(line.Split(' '), new StringReader(input), cancellation);

    public async Task<Outcome> RunAsync(string[] arguments, TextReader input, CancellationToken cancellation = default)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var terminal = new Terminal(input, output, TextWriter.Synchronized(error)) { Bootstrap = Broker.BootstrapServers };
        int code = await CommandLine.RunAsync(arguments, terminal, cancellation).WaitAsync(TimeSpan.FromSeconds(60), CancellationToken.None);
        return new Outcome(code, output.ToString(), error.ToString());
    }

    /// <summary>Runs a line that is to succeed, with --json.</summary>
    public async Task<JsonNode[]> JsonAsync(string line, string input = "")
    {
        Outcome outcome = await RunAsync(line + " --json", input);
        Assert.True(outcome.Code == 0, $"{line} ended with {outcome.Code}: {outcome.Error}");
        return [.. outcome.Lines.Select(static text => JsonNode.Parse(text)!)];
    }

    /// <summary>Runs a line that is to succeed.</summary>
    public async Task<string[]> LinesAsync(string line, string input = "")
    {
        Outcome outcome = await RunAsync(line, input);
        Assert.True(outcome.Code == 0, $"{line} ended with {outcome.Code}: {outcome.Error}");
        return outcome.Lines;
    }

    public ValueTask DisposeAsync() => Broker.DisposeAsync();
}

/// <summary>How a command ended, and what it printed.</summary>
internal sealed record Outcome(int Code, string Out, string Error)
{
    public string[] Lines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
