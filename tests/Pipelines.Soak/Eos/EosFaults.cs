using Pipelines.Protocol.Messages;
using Pipelines.Soak.Brokers.Network;

namespace Pipelines.Soak.Eos;

/// <summary>Something that happens to workers, to the broker, or between them.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Brokers">Where it can happen.</param>
/// <param name="RunAsync">Does it; returns when it is over.</param>
internal sealed record EosFault(string Name, EosBroker[] Brokers, Func<EosRun, Task> RunAsync)
{
    private static readonly EosBroker[] Everywhere = [EosBroker.Shipped, EosBroker.Kafka, EosBroker.Cluster];
    private static readonly EosBroker[] Proxied = [EosBroker.Shipped, EosBroker.Kafka];

    /// <summary>The requests of a commit, and those around it.</summary>
    private static readonly ApiKey[] Steps =
    [
        ApiKey.InitProducerId, ApiKey.AddPartitionsToTxn, ApiKey.Produce, ApiKey.AddOffsetsToTxn, ApiKey.TxnOffsetCommit, ApiKey.EndTxn,
        ApiKey.FindCoordinator, ApiKey.JoinGroup, ApiKey.SyncGroup, ApiKey.Heartbeat, ApiKey.Fetch, ApiKey.Metadata,
    ];

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<EosFault> All { get; } =
    [
        new("kill", Everywhere, static run => run.ReplaceAsync(kills: true)),
        new("term", Everywhere, static run => run.ReplaceAsync(kills: false)),
        new("zombie", Everywhere, static run => run.FreezeAsync(EosRun.LongerThanTimeouts)),
        new("freeze", Everywhere, static run => run.FreezeAsync(TimeSpan.FromSeconds(run.Random.Next(1, 5)))),
        new("broker-kill", Proxied, static run => run.BounceAsync(TimeSpan.Zero)),
        new("broker-down", Proxied, static run => run.BounceAsync(run.Down)),
        new("leader-move", [EosBroker.Cluster], static run => run.BounceAsync(TimeSpan.FromSeconds(run.Random.Next(1, 8)))),
        new("cut-request", Proxied, static run => run.MeetAsync(TroubleKind.CutRequest, Step(run))),
        new("cut-answer", Proxied, static run => run.MeetAsync(TroubleKind.CutAnswer, Step(run))),
        new("half-open", Proxied, static run => run.MeetAsync(TroubleKind.HalfOpen, Step(run))),
        new("delay", Proxied, static run => run.MeetAsync(TroubleKind.Hold, Step(run), static async run => await Task.Delay(run.Random.Next(50, 9_000)))),
        new("rebalance", Proxied, static run => run.MeetAsync(TroubleKind.Hold, Step(run), static run => run.RebalanceAsync())),
    ];

    /// <summary>Those that a list of names asks for, of those that can happen on a broker.</summary>
    /// <exception cref="ArgumentException">There is none of a name, or it cannot happen there.</exception>
    internal static IReadOnlyList<EosFault> Choose(string names, EosBroker broker)
    {
        List<EosFault> possible = [.. All.Where(fault => fault.Brokers.Contains(broker))];
        if (names == "all") return possible;
        return [.. names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name => possible.Find(fault => fault.Name == name)
            ?? throw new ArgumentException($"There is no fault '{name}' on {broker}. Give 'all', or some of {string.Join(", ", possible.Select(static fault => fault.Name))}."))];
    }

    private static ApiKey Step(EosRun run) => Steps[run.Random.Next(Steps.Length)];
}
