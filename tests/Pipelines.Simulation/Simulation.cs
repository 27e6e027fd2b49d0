using Microsoft.Extensions.Logging.Abstractions;
using Pipelines.Broker;
using Pipelines.Hosting.Embedded;
using Pipelines.Runtime;
using Pipelines.Simulation.Checks;
using Pipelines.Simulation.Workload;
using Pipelines.Simulation.World;
using Pipelines.Topology;

namespace Pipelines.Simulation;

/// <summary>One seed: several lives of one host on one disk, each ended by a fault, and a last one that must come to the end; then everything is checked.</summary>
internal sealed class Simulation
{
    private const long MaxSteps = 3_000_000;

    private readonly Random random;
    private readonly Protection off;
    private readonly Plan plan;
    private readonly SimulatedScheduler scheduler;
    private readonly SimulatedTime time = new();
    private readonly SimulatedDisk disk;
    private readonly Feeder feeder;
    private readonly Action<string> trace;
    private readonly Watcher watcher = new();

    internal Simulation(int seed, Protection off, Action<string> trace)
    {
        random = new Random(seed);
        this.off = off;
        this.trace = trace;
        plan = new Plan(random);
        scheduler = new SimulatedScheduler(random, time, Counts);
        disk = new SimulatedDisk(random, time, Counts);
        feeder = new Feeder(plan, random, Counts);
    }

    internal FaultCounts Counts { get; } = new();

    /// <summary>Runs the seed.</summary>
    /// <returns>What is wrong; empty when all is well.</returns>
    internal IReadOnlyList<string> Run()
    {
        trace($"{plan.Partitions} partitions, {plan.Keys} keys, {plan.Transactions} transactions, {plan.Lives} lives; deployments {string.Join("; ", plan.Deployments.Select(static d => $"{d.Name}: {string.Join(", ", d.Detectors)}"))}");
        for (int life = 1; life <= plan.Lives; life++)
        {
            Faults faults = DrawFaults();
            bool powerCut = life > 1 && random.Next(3) > 0;
            disk.Restart(powerCut, faults);
            scheduler.HoldUpOneIn = faults.HoldUpOneIn;
            trace($"life {life}{(powerCut ? " after a power cut" : "")}: crash at {faults.CrashAtOperation}, failing write {faults.FailAtWrite}, failing flush {faults.FailAtFlush}, full at {faults.FullAtWrite}, one step in {faults.HoldUpOneIn} held up");
            if (Live(isLast: false) is { } problem) return [problem];
            Counts.Crashes++;
            scheduler.Clear();
            time.Clear();
        }

        disk.Restart(random.Next(2) == 0, new Faults());
        scheduler.HoldUpOneIn = random.Next(2) == 0 ? random.Next(50, 1000) : 0;
        trace("last life");
        var violations = new List<string>();
        if (Live(isLast: true, violations) is { } stuck) return [stuck];
        return violations;
    }

    /// <summary>One life of the host: until it dies, or the work is done.</summary>
    private string? Live(bool isLast, List<string>? violations = null)
    {
        Task life = Task.Factory.StartNew(() => HostAsync(isLast, violations), CancellationToken.None, TaskCreationOptions.None, scheduler).Unwrap();
        for (long steps = 0; !life.IsCompleted && !disk.HasCrashed; steps++)
        {
            if (steps > MaxSteps) return "The host makes no progress: it has taken 3,000,000 steps.";
            if (scheduler.HasWork) scheduler.Step();
            else if (time.HasTimers) time.FireNext();
            else return "The host hangs: nothing can run and no timer is set.";
        }

        if (disk.HasCrashed) return null;
        if (life.Exception?.InnerException is not { } failure) return null;
        // A broken disk ends a life as a crash does; anything else is a bug.
        bool isDisk = failure is Runtime.Brokers.BrokerException { IsFatal: true } or IOException and not Broker.Recovery.CorruptLogException;
        trace($"life ended: {failure.Message}");
        return isDisk && !isLast ? null : $"The host failed: {failure}";
    }

    private async Task HostAsync(bool isLast, List<string>? violations)
    {
        LogEngine engine = await LogEngine.OpenAsync(new EngineOptions
        {
            Disk = disk,
            Clock = time,
            Scheduler = scheduler,
            Durability = off == Protection.Flush ? Durability.Os : Durability.Fsync,
            SegmentBytes = plan.SegmentBytes,
            JournalBytes = plan.JournalBytes,
            IndexIntervalBytes = 512,
            OnRecovery = trace,
        });
        var embedded = new EngineBroker(engine);
        await watcher.ResumeAsync(embedded, violations);
        var broker = new FaultyBroker(embedded, time, random, Counts, isLast ? 0 : plan.CommitFailureRate, off);
        DeploymentTopology source = DeploymentTopology.Of(typeof(Simulation).Assembly);
        var worker = new PipelineWorker(
            broker,
            plan.Deployments.Select(drawn => new Deployment(new NamedTopology(source, drawn.Name, drawn.Detectors))),
            new WorkerOptions
            {
                Application = "sim",
                DefaultPartitions = plan.Partitions,
                Clock = time,
                Scheduler = scheduler,
                FetchBytes = random.Next(500, 20_000),
                TaskCapacityBatches = random.Next(1, 4),
                EpochBytes = random.Next(500, 20_000),
                IdleAfter = TimeSpan.FromSeconds(1),
                RecoveryDelay = TimeSpan.FromMilliseconds(20),
                Undoes = off != Protection.Undo,
                // It only looks, and costs time in a world where every await does.
                WatchInterval = TimeSpan.Zero,
            },
            NullLogger.Instance);
        await embedded.CreateTopicAsync("items", plan.Partitions, isCompacted: false);
        await worker.StartAsync();
        Task feeding = feeder.RunAsync(embedded, time);
        if (!isLast) _ = watcher.WatchAsync(embedded, time);
        if (random.Next(4) == 0)
        {
            time.Jump(TimeSpan.FromHours(random.Next(-48, 48)));
            Counts.ClockJumps++;
        }

        // Task.WhenAny would go through the thread pool, where the seed has no say.
        while (!feeding.IsCompleted && !worker.Completion.IsCompleted) await Task.Delay(TimeSpan.FromMilliseconds(5), time);
        if (feeding.IsFaulted) await feeding;
        await worker.DrainAsync();
        await worker.StopAsync();
        if (isLast) await new Oracle(plan, feeder, embedded).CheckAsync(violations!, watcher);
        await engine.DisposeAsync();
    }

    private Faults DrawFaults()
    {
        var faults = new Faults();
        switch (random.Next(10))
        {
            case 0:
                faults.FailAtWrite = random.Next(1, 200);
                break;
            case 1:
                faults.FailAtFlush = random.Next(1, 60);
                break;
            case 2:
                faults.FullAtWrite = random.Next(1, 200);
                break;
            case 3:
                faults.FlushTime = TimeSpan.FromSeconds(2);
                faults.CrashAtOperation = random.Next(1, 300);
                Counts.SlowDisks++;
                break;
            default:
                faults.CrashAtOperation = random.Next(1, 600);
                break;
        }

        if (random.Next(2) == 0) faults.HoldUpOneIn = random.Next(50, 1000);
        return faults;
    }
}
