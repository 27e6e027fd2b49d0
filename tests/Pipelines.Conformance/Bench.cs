using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Pipelines.Conformance;
using Pipelines.Conformance.Brokers;
using Pipelines.Conformance.Programs;

[assembly: AssemblyFixture(typeof(Bench))]

namespace Pipelines.Conformance;

/// <summary>What a whole run shares: one broker of each kind, and one process of each client for each test class and broker, started when first asked for.</summary>
public sealed class Bench : IAsyncDisposable
{
    private readonly ConcurrentDictionary<BrokerKind, Lazy<Task<BrokerUnderTest>>> brokers = new();
    private readonly ConcurrentDictionary<(string, BrokerKind), ClientProgram> programs = new();

    /// <summary>The broker of a kind. The check is left out, and counted as waiting, when it cannot be started here.</summary>
    internal Task<BrokerUnderTest> BrokerAsync(BrokerKind kind)
    {
        Waiting.For(BrokerKinds.WhyMissing(kind));
        return brokers.GetOrAdd(kind, static k => new Lazy<Task<BrokerUnderTest>>(() => BrokerKinds.StartAsync(k))).Value;
    }

    /// <summary>Asks a stock client for one check and compares the facts it saw, all of them.</summary>
    /// <param name="onPurpose">What ours answers where it differs from Apache Kafka on purpose; listed in docs/conformance.md.</param>
    internal async Task Expect(Client client, BrokerKind kind, string check, string facts, string? onPurpose = null)
    {
        Waiting.For(client.WhyMissing());
        BrokerUnderTest broker = await BrokerAsync(kind);
        string name = $"{client.Name} for {TestContext.Current.TestClass?.TestClassName}";
        ClientProgram program = programs.GetOrAdd((name, kind), key => new ClientProgram(() => client.Start(broker.Bootstrap)));
        JsonNode? seen = await program.AskAsync(check, Unique(check));
        Facts.Equal(kind == BrokerKind.Pipelines ? onPurpose ?? facts : facts, seen);
    }

    /// <summary>A name that no other check uses, of letters that a topic may have.</summary>
    internal static string Unique(string part) => $"{part}-{Guid.NewGuid().ToString("N")[..8]}";

    public async ValueTask DisposeAsync()
    {
        foreach (ClientProgram program in programs.Values) await program.DisposeAsync();
        foreach (Lazy<Task<BrokerUnderTest>> broker in brokers.Values)
        {
            if (broker.Value.IsCompletedSuccessfully) await (await broker.Value).DisposeAsync();
        }

        JavaProgram.Clean();
        Waiting.Report();
    }
}
