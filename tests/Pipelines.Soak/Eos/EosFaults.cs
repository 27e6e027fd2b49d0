using Pipelines.Protocol.Messages;
using Pipelines.Soak.Brokers.Network;

namespace Pipelines.Soak.Eos;

/// <summary>Something that happens to workers, to the broker, or between them.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Brokers">Where it can happen.</param>
/// <param name="Steps">The requests at which it happens, one of them each time; none when it is not about a request.</param>
/// <param name="At">Does it at a request; returns when it is over.</param>
internal sealed record EosFault(string Name, EosBroker[] Brokers, ApiKey[] Steps, Func<EosRun, ApiKey, Task> At)
{
    private static readonly EosBroker[] Everywhere = [EosBroker.Shipped, EosBroker.Kafka, EosBroker.Cluster];
    private static readonly EosBroker[] Proxied = [EosBroker.Shipped, EosBroker.Kafka];
    private static readonly EosBroker[] Clusters = [EosBroker.Cluster];

    /// <summary>The requests of a commit, but of brokers with transactions of version 2 without those that add partitions and groups.</summary>
    private static readonly ApiKey[] Commit = [ApiKey.Produce, ApiKey.TxnOffsetCommit, ApiKey.EndTxn];

    /// <summary>The requests of a commit, and those around it.</summary>
    private static readonly ApiKey[] All =
    [
        ApiKey.InitProducerId, ApiKey.AddPartitionsToTxn, ApiKey.Produce, ApiKey.AddOffsetsToTxn, ApiKey.TxnOffsetCommit, ApiKey.EndTxn,
        ApiKey.FindCoordinator, ApiKey.JoinGroup, ApiKey.SyncGroup, ApiKey.Heartbeat, ApiKey.Fetch, ApiKey.Metadata,
    ];

    private EosFault(string name, EosBroker[] brokers, Func<EosRun, Task> run) : this(name, brokers, [], (soak, _) => run(soak))
    {
    }

    /// <summary>All faults there are.</summary>
    internal static IReadOnlyList<EosFault> Known { get; } =
    [
        new("kill", Everywhere, static run => run.ReplaceAsync(kills: true)),
        new("term", Everywhere, static run => run.ReplaceAsync(kills: false)),
        new("join", Everywhere, static run => run.RebalanceAsync()),
        new("zombie", Everywhere, static run => run.FreezeAsync(EosRun.LongerThanTimeouts)),
        new("freeze", Everywhere, static run => run.FreezeAsync(TimeSpan.FromSeconds(run.Random.Next(1, 5)))),
        new("broker-kill", Proxied, static run => run.BounceAsync(TimeSpan.Zero)),
        new("broker-down", Proxied, static run => run.BounceAsync(run.Down)),
        new("leader-move", Clusters, static run => run.BounceAsync(TimeSpan.FromSeconds(run.Random.Next(1, 8)))),
        new("group-coordinator-move", Clusters, static run => run.MoveCoordinatorAsync(EosRun.GroupCoordinators)),
        new("transaction-coordinator-move", Clusters, static run => run.MoveCoordinatorAsync(EosRun.TransactionCoordinators)),
        new("cut-request", Proxied, All, static (run, step) => run.MeetAsync(TroubleKind.CutRequest, step)),
        new("cut-answer", Proxied, All, static (run, step) => run.MeetAsync(TroubleKind.CutAnswer, step)),
        new("half-open", Proxied, All, static (run, step) => run.MeetAsync(TroubleKind.HalfOpen, step)),
        new("delay", Proxied, All, static (run, step) => run.MeetAsync(TroubleKind.Hold, step, static (run, _) => Task.Delay(run.Random.Next(50, 9_000)))),
        new("late", Proxied, Commit, static (run, step) => run.MeetAsync(TroubleKind.Late, step, static (run, _) => Task.Delay(run.Random.Next(500, 3_000)))),
        new("rebalance", Proxied, All, static (run, step) => run.MeetAsync(TroubleKind.Hold, step, static (run, _) => run.RebalanceAsync())),
        new("join-at", Proxied, Commit, static (run, step) => run.JoinAtAsync(step)),
        new("kill-at", Proxied, Commit, static (run, step) => run.MeetAsync(TroubleKind.HalfOpen, step, static (run, whose) => run.ReplaceAsync(whose))),
        new("kill-late", Proxied, Commit, static (run, step) => run.MeetAsync(TroubleKind.Hold, step, static (run, whose) => run.TakeOverAsync(whose))),
        new("input-abort", Proxied, [ApiKey.EndTxn], static (run, step) => run.MeetAsync(TroubleKind.CutRequest, step, client: EosFeeder.ClientId)),
    ];

    /// <summary>Does it; returns when it is over.</summary>
    internal Task RunAsync(EosRun run) => At(run, Steps.Length == 0 ? default : Steps[run.Random.Next(Steps.Length)]);

    /// <summary>Those that a list of names asks for, of those that can happen on a broker; with a request after a colon they happen at that one.</summary>
    /// <exception cref="ArgumentException">There is none of a name, or it cannot happen there.</exception>
    internal static IReadOnlyList<EosFault> Choose(string names, EosBroker broker)
    {
        List<EosFault> possible = [.. Known.Where(fault => fault.Brokers.Contains(broker))];
        if (names == "all") return possible;
        return [.. names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name => Choose(name.Split(':'), possible)
            ?? throw new ArgumentException($"There is no fault '{name}' on {broker}. Give 'all', or some of {string.Join(", ", possible.Select(static fault => fault.Name))}; with a request such as cut-request:{ApiKey.EndTxn} where it happens at one of {string.Join(", ", All)}."))];
    }

    private static EosFault? Choose(string[] words, List<EosFault> possible)
    {
        EosFault? fault = possible.Find(fault => fault.Name == words[0]);
        if (words.Length == 1) return fault;
        return words.Length == 2 && Enum.TryParse(words[1], out ApiKey step) && fault?.Steps.Contains(step) == true ? fault with { Steps = [step] } : null;
    }
}
