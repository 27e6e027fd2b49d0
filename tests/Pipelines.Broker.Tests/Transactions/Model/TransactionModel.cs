using Microsoft.Extensions.Time.Testing;
using Pipelines.Broker.Log;
using Pipelines.Broker.Tests.Support;
using Pipelines.Broker.Transactions;

namespace Pipelines.Broker.Tests.Transactions.Model;

/// <summary>Old and new clients, zombies among them, over bad connections, to an engine that crashes; and the judge of what may be seen then.</summary>
internal sealed class TransactionModel
{
    internal static readonly TopicPartition[] Partitions = [Engines.A0, Engines.A1, Engines.B0];
    private static readonly string[] Ids = ["x", "y", "z"];
    private readonly SeededScheduler scheduler;
    private readonly FakeTimeProvider clock = new();
    private readonly bool refusesLeftConnections;
    private readonly Judge judge = new();
    private readonly Dictionary<string, int> counts = [];
    private CrashDisk disk;
    private Exception? violation;
    private long nextConnection;
    private int extraClients;
    private bool isStopping;

    internal TransactionModel(int seed, bool refusesLeftConnections = true, bool lies = false)
    {
        Random = new Random(seed);
        this.refusesLeftConnections = refusesLeftConnections;
        scheduler = new SeededScheduler(new Random(seed + 1));
        disk = new CrashDisk { Lies = lies };
    }

    internal Random Random { get; }

    /// <summary>The engine, while clients can reach it.</summary>
    internal LogEngine? Engine { get; private set; }

    internal IReadOnlyDictionary<string, int> Counts => counts;

    internal static string GroupOf(string transactionalId, int number) => $"{transactionalId}-{number}";

    /// <summary>What happened, for who looks into a violation.</summary>
    internal List<string> Trace { get; } = [];

    internal void Count(string what) => counts[what] = counts.GetValueOrDefault(what) + 1;

    /// <summary>Runs the whole of it; throws when something is seen that may not be.</summary>
    internal void Run(int crashes) => scheduler.Run(() => RunAsync(crashes));

    internal Attempt Begin(string transactionalId, ProducerIdentity producer) => judge.Begin(transactionalId, producer);

    internal void Opened(string transactionalId, ProducerIdentity producer) => judge.Opened(transactionalId, producer);

    internal async Task PauseAsync(int turns)
    {
        for (; turns > 0; turns--) await Task.Yield();
    }

    internal async Task<Connection> ConnectAsync()
    {
        while (true)
        {
            if (isStopping) throw new OperationCanceledException();
            if (Engine is { } engine) return new Connection(this, engine, ++nextConnection);
            await Task.Yield();
        }
    }

    private async Task RunAsync(int crashes)
    {
        LogEngine first = await OpenAsync();
        Assert.Equal(ErrorCode.None, await first.CreateTopicAsync("a", 2));
        Assert.Equal(ErrorCode.None, await first.CreateTopicAsync("b", 1));
        await first.DisposeAsync();
        Task[] clients = [.. Ids.Select(ReplaceAsync)];
        for (int crash = 0; crash < crashes && violation is null; crash++) await LiveAsync();

        disk.CrashAt = 0;
        await using LogEngine last = await OpenAsync();
        await judge.CheckAsync(last);
        Engine = last;
        await WorkAsync(last, turns: 4000);
        isStopping = true;
        await Task.WhenAll(clients);
        while (extraClients > 0) await Task.Yield();
        if (violation is not null) throw violation;
        // What is late still arrives, and may begin a transaction.
        await PauseAsync(2000);
        // Their owners are gone: what is open has to end by itself, for the last stable offset to go on.
        for (int second = 0; second < 13; second++) clock.Advance(TimeSpan.FromSeconds(1));
        await PauseAsync(500);
        Engine = null;
        await judge.CheckAsync(last);
        foreach (TopicPartition partition in Partitions)
        {
            PartitionOffsets offsets = last.FindOffsets(partition)!.Value;
            Assert.Equal(offsets.HighWatermark, offsets.Stable);
        }
    }

    /// <summary>One life of the engine, until the machine goes down.</summary>
    private async Task LiveAsync()
    {
        disk.CrashAt = disk.Operations + (Random.Next(8) == 0 ? Random.Next(1, 40) : Random.Next(40, 700));
        LogEngine? engine = null;
        try
        {
            engine = await OpenAsync();
            Trace.AddRange(engine.Recovery.Messages);
            await judge.CheckAsync(engine);
            Engine = engine;
            nextConnection = 0;
            await WorkAsync(engine, int.MaxValue);
        }
        catch (Exception stop) when (stop is CrashedException or StorageFailedException)
        {
        }

        Engine = null;
        disk.Kill();
        await CloseAsync(engine);
        Count("crashes");
        Trace.Add("--- crash");
        double keep = Random.Next(4) switch { 0 => 0, 1 => 1, _ => Random.NextDouble() };
        disk = Random.Next(4) == 0 ? disk.AfterKill() : disk.AfterPowerCut(Random, keep);
    }

    private static async Task AbortAsync(LogEngine engine, string transactionalId)
    {
        ErrorCode error = await engine.AbortTransactionAsync(transactionalId);
        Assert.True(error is ErrorCode.None or ErrorCode.InvalidTxnState or ErrorCode.ConcurrentTransactions or ErrorCode.TransactionalIdNotFound, $"{error}");
    }

    private static async Task CloseAsync(LogEngine? engine)
    {
        try
        {
            if (engine is not null) await engine.DisposeAsync();
        }
        catch (StorageFailedException)
        {
            // The machine is down, and there was something to write.
        }
    }

    private async Task WorkAsync(LogEngine engine, int turns)
    {
        for (; turns > 0 && violation is null && !disk.IsDown && !engine.Failed.IsCompleted; turns--)
        {
            await judge.ReadAsync(engine, Random);
            int choice = Random.Next(2000);
            if (choice < 4 && extraClients < 2)
            {
                Count("takeovers");
                extraClients++;
                _ = TakeOverAsync(Ids[Random.Next(Ids.Length)]);
            }
            else if (choice < 8)
            {
                Count("operator's aborts");
                string id = Ids[Random.Next(Ids.Length)];
                _ = GuardAsync(() => AbortAsync(engine, id));
            }
            else if (choice < 40)
            {
                // Most transactions end long before their time; some find themselves aborted.
                clock.Advance(TimeSpan.FromMilliseconds(Random.Next(10) == 0 ? 11_000 : 50));
            }

            await Task.Yield();
        }
    }

    private Task<LogEngine> OpenAsync() => LogEngine.OpenAsync(new EngineOptions
    {
        Disk = disk,
        Clock = clock,
        Scheduler = scheduler,
        SegmentBytes = 3000,
        JournalBytes = 5000,
        IndexIntervalBytes = 256,
        Off = refusesLeftConnections ? Protections.None : Protections.LeftConnections,
    });

    /// <summary>A supervisor: a client that ends is replaced.</summary>
    private async Task ReplaceAsync(string transactionalId)
    {
        while (!isStopping && violation is null) await GuardAsync(new Client(this, transactionalId).RunAsync);
    }

    /// <summary>Somebody else starts with the same id; who had it becomes a zombie that does not know.</summary>
    private async Task TakeOverAsync(string transactionalId)
    {
        await GuardAsync(new Client(this, transactionalId).RunAsync);
        extraClients--;
    }

    private async Task GuardAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception stop) when (stop is OperationCanceledException or StorageFailedException)
        {
        }
        catch (Exception broken)
        {
            violation ??= broken;
        }
    }
}
