using System.Diagnostics;
using Pipelines.Kafka;
using Pipelines.Protocol.Messages;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Clients;
using Pipelines.Soak.Brokers.Network;
using Pipelines.Soak.Scaling;
using Trouble = Pipelines.Soak.Brokers.Network.Trouble;

namespace Pipelines.Soak.Eos;

/// <summary>Two workers on one application, and what is done to them.</summary>
internal sealed class EosRun(Site site, int seed, TimeSpan down, EosProtection off) : IAsyncDisposable
{
    /// <summary>The session's time-out is 6 s and the transaction's 10 s: who is silent for longer has lost both.</summary>
    internal static readonly TimeSpan LongerThanTimeouts = TimeSpan.FromSeconds(13);

    /// <summary>The others can have the partitions of a process that was killed when its session is over; its transaction is not yet.</summary>
    private static readonly TimeSpan BeforeTimeout = TimeSpan.FromSeconds(9);

    /// <summary>The topic whose leaders coordinate groups.</summary>
    internal const string GroupCoordinators = "__consumer_offsets";

    /// <summary>The topic whose leaders coordinate transactions.</summary>
    internal const string TransactionCoordinators = "__transaction_state";

    /// <summary>The least bytes that an answer has, that to a heartbeat: of fewer it is sure that they are not the whole.</summary>
    private const int ShortestAnswer = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan MostRecovery = TimeSpan.FromSeconds(90);
    private readonly List<MemberProcess> workers = [];
    private MemberProcess? third;

    internal Random Random { get; } = new(seed);

    /// <summary>How long the broker stays away when it does.</summary>
    internal TimeSpan Down => down;

    /// <summary>The longest time from the end of a fault until every partition had a new committed output.</summary>
    internal TimeSpan SlowestRecovery { get; private set; }

    /// <summary>The fault after which that was.</summary>
    internal string SlowestAfter { get; private set; } = "";

    /// <summary>Troubles of connections that a request met.</summary>
    internal int MetCount { get; private set; }

    /// <summary>Looks at what the workers do.</summary>
    internal KafkaBroker Observer { get; } = new(KafkaOptions.From([new("bootstrap.servers", site.Bootstrap), new("client.id", "eos-observer")]));

    /// <summary>What the last fault fell on, when that is not always the same.</summary>
    internal string Detail { get; private set; } = "";

    /// <summary>What the workers have said last.</summary>
    internal string LastWords => string.Concat(workers.Select(static worker => $"{Environment.NewLine}{worker.ClientId}: {worker.LastWords}"));

    internal async Task StartAsync()
    {
        await Observer.CreateTopicAsync("soak-in", Child.Partitions, isCompacted: false);
        await Prices.WriteAsync(Observer);
        for (int i = 0; i < 2; i++) workers.Add(NewWorker());
        await Task.WhenAll(workers.Select(static worker => worker.HoldsAsync(Child.Partitions / 2)));
    }

    /// <summary>A worker ends, and another starts at once.</summary>
    internal async Task ReplaceAsync(bool kills)
    {
        await ReplaceAsync(Random.Next(workers.Count), kills);
    }

    /// <summary>The worker is killed that a client's id belongs to, and another starts at once.</summary>
    internal async Task ReplaceAsync(string client)
    {
        int which = workers.FindIndex(worker => worker.ClientId == client);
        if (which >= 0)
        {
            await ReplaceAsync(which, kills: true);
        }
        else if (third?.ClientId == client)
        {
            await RebalanceAsync(kills: true);
        }
    }

    /// <summary>The worker is killed that a client's id belongs to; returns when others have its partitions, or just before its transaction is aborted.</summary>
    internal async Task TakeOverAsync(string client)
    {
        long began = Stopwatch.GetTimestamp();
        await ReplaceAsync(client);
        while (workers.Sum(static worker => worker.Held) + (third?.Held ?? 0) < Child.Partitions && Stopwatch.GetElapsedTime(began) < BeforeTimeout) await Task.Delay(20);
    }

    private async Task ReplaceAsync(int which, bool kills)
    {
        await workers[which].EndAsync(kills);
        workers[which].Dispose();
        workers[which] = NewWorker();
    }

    private MemberProcess NewWorker() => new(site.Bootstrap, off);

    /// <summary>A worker stands still, and goes on as if nothing had been.</summary>
    internal async Task FreezeAsync(TimeSpan time)
    {
        MemberProcess worker = workers[Random.Next(workers.Count)];
        await Signal.SendAsync(worker.Id, "STOP");
        await Task.Delay(time);
        await Signal.SendAsync(worker.Id, "CONT");
    }

    /// <summary>A node is killed, stays away for a time, and starts again on its data.</summary>
    internal async Task BounceAsync(TimeSpan away)
    {
        int node = site.Nodes[Random.Next(site.Nodes.Count)];
        await site.KillAsync(node);
        await Task.Delay(away);
        await site.RestartAsync(node);
    }

    /// <summary>Others coordinate the groups, or the transactions, from now on.</summary>
    internal async Task MoveCoordinatorAsync(string topic)
    {
        int moved = await new CoordinatorMove(KafkaOptions.From([new("bootstrap.servers", site.Bootstrap)]).Bootstrap, topic).RunAsync();
        Detail = $" of {moved} partitions";
    }

    /// <summary>Something happens to the next request of a kind.</summary>
    /// <param name="kind">What.</param>
    /// <param name="step">The kind of request.</param>
    /// <param name="meanwhile">What is done when that has happened, and before the request goes on if it is held back; given the id of the client whose it was.</param>
    /// <param name="client">What the ids of clients begin with whose request it may be; one of the workers' when it is not given.</param>
    internal async Task MeetAsync(TroubleKind kind, ApiKey step, Func<EosRun, string, Task>? meanwhile = null, string client = ScaleMember.ClientId)
    {
        Detail = $" {step}";
        var trouble = new Trouble(kind, step, client, answerBytes: Random.Next(0, ShortestAnswer));
        site.Proxy!.Add(trouble);
        // Some kinds are only sent when something changes: then a worker is replaced.
        bool isRare = step is ApiKey.InitProducerId or ApiKey.FindCoordinator or ApiKey.JoinGroup or ApiKey.SyncGroup;
        if (isRare) await ReplaceAsync(kills: Random.Next(2) == 0);
        await Task.WhenAny(trouble.Met, Task.Delay(isRare ? 3 * Patience : Patience));
        if (trouble.Met.IsCompleted)
        {
            MetCount++;
            if (meanwhile is not null) await meanwhile(this, trouble.MetBy!);
        }
        else
        {
            site.Proxy.Remove(trouble);
        }

        trouble.Release();
    }

    /// <summary>A third worker joins, or leaves.</summary>
    internal Task RebalanceAsync() => RebalanceAsync(kills: Random.Next(2) == 0);

    /// <summary>A third worker joins while a request of another's is held back; before that, one that was there has left.</summary>
    internal async Task JoinAtAsync(ApiKey step)
    {
        if (third is not null) await RebalanceAsync(kills: false);
        await MeetAsync(TroubleKind.Hold, step, static async (run, _) =>
        {
            await run.RebalanceAsync(kills: false);
            // Until it has partitions, or could have long since.
            for (long began = Stopwatch.GetTimestamp(); run.third!.Held == 0 && Stopwatch.GetElapsedTime(began) < 2 * Patience;) await Task.Delay(20);
        });
    }

    private async Task RebalanceAsync(bool kills)
    {
        if (third is null)
        {
            third = NewWorker();
        }
        else
        {
            await third.EndAsync(kills);
            third.Dispose();
            third = null;
        }

        await Task.Delay(Random.Next(200, 2_000));
    }

    /// <summary>Forgets what the fault before fell on.</summary>
    internal void Begin() => Detail = "";

    /// <summary>Waits until every partition has outputs that it did not have. Only records count: the end of a transaction that was aborted moves the end of a partition too.</summary>
    /// <returns>How long that took.</returns>
    internal async Task<TimeSpan> RecoverAsync(string fault)
    {
        long began = Stopwatch.GetTimestamp();
        var ends = new RecordReader?[Child.Partitions];
        var waiting = new List<int>(Enumerable.Range(0, ends.Length));
        while (true)
        {
            foreach (int partition in waiting.ToArray())
            {
                if (await HasOutputAsync(partition, ends)) waiting.Remove(partition);
            }

            TimeSpan took = Stopwatch.GetElapsedTime(began);
            if (waiting.Count == 0)
            {
                if (took > SlowestRecovery) (SlowestRecovery, SlowestAfter) = (took, fault + Detail);
                return took;
            }

            if (took > MostRecovery)
                throw new TimeoutException($"After '{fault}{Detail}' partitions {string.Join(", ", waiting)} had no new output for {took.TotalSeconds:F0} s. The workers hold {string.Join(" and ", workers.Select(static worker => worker.Held))} inputs.{LastWords}");
            await Task.Delay(50);
        }
    }

    /// <summary>Waits until the group has committed past every record, then ends the workers.</summary>
    internal async Task EndAsync()
    {
        await Scale.HandledAsync(Observer);
        if (third is not null) workers.Add(third);
        third = null;
        foreach (MemberProcess worker in workers) await worker.EndAsync(kills: false);
    }

    public async ValueTask DisposeAsync()
    {
        third?.Dispose();
        foreach (MemberProcess worker in workers) worker.Dispose();
        await Observer.DisposeAsync();
    }

    /// <summary>True when a partition has outputs behind the end that it had at the first look.</summary>
    private async Task<bool> HasOutputAsync(int partition, RecordReader?[] ends)
    {
        bool hasOutput = false;
        try
        {
            if (ends[partition] is { } reader) await reader.ReadToEndAsync((_, _) => hasOutput = true);
            else ends[partition] = new RecordReader(Observer, "soak-out", partition, (await Observer.GetRangeAsync("soak-out", partition)).End);
        }
        catch (BrokerException)
        {
            // Not there at the moment.
        }

        return hasOutput;
    }
}
