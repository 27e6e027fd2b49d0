using Pipelines.Broker;
using Pipelines.Broker.Disk;
using Pipelines.Broker.Log;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Records;
using Pipelines.Soak.Brokers.Clients;
using Pipelines.Soak.Brokers.Worlds;

namespace Pipelines.Soak.Brokers.Faults;

/// <summary>What disks do, and clocks: F10, F12, F13, F15 to F18, F20, F29, and kills and power cuts at single operations of the disk (F2, steps 8 to 11).</summary>
internal static class DiskFaults
{
    private const int NoSpace = 28;
    private const int ReadOnly = 30;
    private const int InputOutput = 5;

    // In their order; some are done for other reasons too.
    private static readonly (string Operation, string Ending)[] CompactionSteps =
    [
        ("create", ".compacted"), ("write", ".compacted"), ("flush", ".compacted"), ("flush folder", ""), ("delete", ".checkpoint"), ("rename", ".compacted"), ("delete", ".log"), ("write", ".checkpoint"),
    ];

    internal static IEnumerable<FaultKind> All =>
    [
        new(2, "the broker is killed at an operation of its disk", Places.Simulated, KillAtAsync),
        new(10, "the power is cut, and what was not flushed is there in part", Places.Simulated, static (stage, random) => CutAsync(stage, random, static (_, _) => 0.5)),
        new(12, "the power is cut, and nothing that was not flushed is there", Places.Simulated, static (stage, random) => CutAsync(stage, random, static (_, _) => 0)),
        new(13, "the power is cut, and of some files everything is there and of others nothing", Places.Simulated, CutByFileAsync),
        new(15, "the disk is full", Places.Simulated, static (stage, random) => FailAsync(stage, random, DiskOperation.Write, static () => new IOException("No space left on device", NoSpace), isLasting: true)),
        new(16, "a write, a flush or a change of entries fails", Places.Simulated, static (stage, random) =>
            FailAsync(stage, random, (DiskOperation)random.Next(1, 4), static () => new IOException("Input/output error", InputOutput), isLasting: false)),
        new(17, "flushes take long", Places.Simulated, SlowAsync),
        new(18, "the disk can only be read", Places.Simulated, static (stage, random) => FailAsync(stage, random, null, static () => new IOException("Read-only file system", ReadOnly), isLasting: true)),
        new(20, "the broker goes down while topics are made, grown, compacted and deleted", Places.Simulated, HousekeepingAsync),
        new(20, "the broker goes down at a step of compaction", Places.Simulated, CompactionAsync),
        new(29, "the wall clock jumps", Places.Simulated, JumpAsync),
    ];

    private static async Task KillAtAsync(Stage stage, Random random)
    {
        var world = (SimulatedWorld)stage.World;
        await world.CrashWithinAsync(random.Next(1, 60));
        await world.KillAsync();
        await world.StartAsync();
    }

    private static async Task CutAsync(Stage stage, Random random, Func<string, Random, double> keepChance)
    {
        var world = (SimulatedWorld)stage.World;
        await world.CrashWithinAsync(random.Next(1, 60));
        await world.CutPowerAsync(random, path => keepChance(path, random));
        await world.StartAsync();
    }

    private static Task CutByFileAsync(Stage stage, Random random)
    {
        var kept = new Dictionary<string, double>(StringComparer.Ordinal);
        int mood = random.Next(3);
        return CutAsync(stage, random, (path, choice) =>
        {
            bool isJournal = path.StartsWith("journal", StringComparison.Ordinal);
            if (mood < 2) return isJournal == (mood == 0) ? 1 : 0;
            if (!kept.TryGetValue(path, out double chance)) kept[path] = chance = choice.Next(2);
            return chance;
        });
    }

    /// <summary>I13: when the log could not be written, nothing more is acknowledged until it was opened again.</summary>
    private static async Task FailAsync(Stage stage, Random random, DiskOperation? operation, Func<IOException> failure, bool isLasting)
    {
        var world = (SimulatedWorld)stage.World;
        int left = random.Next(1, 20);
        world.Disk.Fail = (asked, _) =>
        {
            bool fits = operation is null ? asked != DiskOperation.Read : asked == operation;
            if (!fits) return null;
            int count = Interlocked.Decrement(ref left);
            return count == 0 || (isLasting && count < 0) ? failure() : null;
        };
        await Task.WhenAny(world.Engine.Failed, Task.Delay(1000, stage.Ending));
        if (world.Engine.Failed.IsCompleted) await AskAsync(stage, random);
        world.Disk.Fail = null;
        await world.KillAsync();
        await world.StartAsync();
    }

    private static async Task AskAsync(Stage stage, Random random)
    {
        var place = new TopicPartition(Topics.Plain, random.Next(Topics.Partitions));
        Attempt refused = stage.Ledger.Begin(stage.NewName("after-failure"), (place, 1));
        try
        {
            await using BrokerConnection connection = await BrokerConnection.ConnectAsync(stage.World.Proxy.Broker.Host, stage.World.Proxy.Broker.Port, new() { RequestTimeout = TimeSpan.FromSeconds(2) });
            (ErrorCode error, _) = await Batch.ProduceAsync(connection, place, Batch.Of(BatchProducer.None, refused.Values[place]), null, null, stage.Ending);
            if (error == ErrorCode.None) stage.Ledger.Violate("a write was acknowledged after the disk had failed", refused.ToString());
        }
        catch (BrokerConnectionException)
        {
            // No answer is none that says yes.
        }
    }

    private static async Task SlowAsync(Stage stage, Random random)
    {
        var world = (SimulatedWorld)stage.World;
        int slow = random.Next(100, 700);
        long until = Environment.TickCount64 + 1500;
        world.Disk.Fail = (asked, _) =>
        {
            if (asked == DiskOperation.Flush && Environment.TickCount64 < until) Thread.Sleep(slow);
            return null;
        };
        await Task.Delay(1500, stage.Ending);
        world.Disk.Fail = null;
    }

    private static async Task HousekeepingAsync(Stage stage, Random random)
    {
        var world = (SimulatedWorld)stage.World;
        using var over = new CancellationTokenSource();
        Task keeping = KeepHouseAsync(world.Engine, stage.NewName("house"), random.Next(), over.Token);
        await Task.Delay(random.Next(50, 500), stage.Ending);
        await world.CrashWithinAsync(random.Next(1, 40));
        if (random.Next(2) == 0) await world.KillAsync();
        else await world.CutPowerAsync(random, _ => 0.5);
        await over.CancelAsync();
        await keeping;
        await world.StartAsync();
    }

    private static async Task CompactionAsync(Stage stage, Random random)
    {
        var world = (SimulatedWorld)stage.World;
        (string operation, string ending) = CompactionSteps[random.Next(CompactionSteps.Length)];
        int left = random.Next(1, 5);
        await world.CrashAtAsync((asked, path) =>
            asked == operation && path.StartsWith($"topics/{Topics.Keyed}-", StringComparison.Ordinal) && path.EndsWith(ending, StringComparison.Ordinal) && Interlocked.Decrement(ref left) == 0);
        if (random.Next(2) == 0) await world.KillAsync();
        else await world.CutPowerAsync(random, _ => 0.5);
        await world.StartAsync();
    }

    private static async Task KeepHouseAsync(LogEngine engine, string name, int seed, CancellationToken over)
    {
        var random = new Random(seed);
        var settings = new Dictionary<string, string> { ["cleanup.policy"] = "compact,delete", ["segment.bytes"] = "2000", ["retention.bytes"] = "6000", ["min.cleanable.dirty.ratio"] = "0" };
        try
        {
            for (int i = 0; !over.IsCancellationRequested; i++)
            {
                string topic = $"{name}-{i % 2}";
                await engine.CreateTopicAsync(topic, 1, settings);
                for (int n = 0; n < random.Next(1, 60); n++) await engine.AppendAsync(new TopicPartition(topic, 0), Batch.Of(BatchProducer.None, $"{name}:{i}:{n} {new string('x', random.Next(300))}"));
                if (random.Next(3) == 0) await engine.CreatePartitionsAsync(topic, 2);
                if (random.Next(3) == 0) await engine.DeleteRecordsAsync(new TopicPartition(topic, 0), -1);
                if (random.Next(2) == 0) await engine.DeleteTopicAsync(topic);
            }
        }
        catch (Exception failed) when (failed is StorageFailedException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The machine went down.
        }
    }

    private static async Task JumpAsync(Stage stage, Random random)
    {
        var world = (SimulatedWorld)stage.World;
        world.Clock.Jump(random.Next(3) switch { 0 => TimeSpan.FromHours(1), 1 => TimeSpan.FromHours(-1), _ => TimeSpan.FromDays(40) });
        await Task.Delay(300, stage.Ending);
    }
}
