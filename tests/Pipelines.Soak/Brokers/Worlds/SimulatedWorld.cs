using Pipelines.Broker;
using Pipelines.Broker.Disk;
using Pipelines.Broker.Groups;
using Pipelines.Broker.Log;
using Pipelines.Broker.Server;
using Pipelines.Tests;

namespace Pipelines.Soak.Brokers.Worlds;

/// <summary>The same broker in this process, on a disk in memory that keeps written and flushed bytes apart: here the power is cut, and the disk fails.</summary>
internal sealed class SimulatedWorld : World
{
    private readonly BrokerProtection off;
    private CrashDisk crashDisk;
    private BrokerHost? host;

    internal SimulatedWorld(BrokerProtection off)
    {
        this.off = off;
        crashDisk = new CrashDisk { Lies = off == BrokerProtection.Flush };
    }

    internal override TimeSpan Session => TimeSpan.FromSeconds(1.5);

    /// <summary>The clock, whose wall side jumps.</summary>
    internal JumpingClock Clock { get; } = new();

    internal override int ClockJumps => Clock.Jumps;

    /// <summary>What the broker sees of the disk, and what can be made to fail.</summary>
    internal FaultyDisk Disk { get; private set; } = null!;

    internal LogEngine Engine => host!.Engine;

    /// <summary>Lets the machine go down at one of the next operations of the disk, whichever it is, and waits until it has.</summary>
    internal async Task CrashWithinAsync(int operations)
    {
        crashDisk.CrashAt = crashDisk.Operations + operations;
        await GoDownAsync();
    }

    /// <summary>The same at an operation of some kind.</summary>
    /// <param name="isIt">Told of each operation and its path; true for the one that does not happen any more.</param>
    internal async Task CrashAtAsync(Func<string, string, bool> isIt)
    {
        crashDisk.Fault = (operation, path) =>
        {
            if (!isIt(operation, path)) return null;
            crashDisk.Kill();
            return new CrashedException();
        };
        await GoDownAsync();
    }

    /// <summary>What is on the disk, to be changed and opened apart; while the broker is down.</summary>
    internal CrashDisk CopyDisk() => crashDisk.Copy();

    /// <summary>Small segments and journals, and compaction all the time: there is much that a crash can come between.</summary>
    internal static EngineOptions Options(IDisk disk, TimeProvider? clock = null, Protections off = Protections.None) => new()
    {
        Disk = disk,
        Clock = clock ?? TimeProvider.System,
        SegmentBytes = 64 * 1024,
        JournalBytes = 64 * 1024,
        IndexIntervalBytes = 1024,
        HousekeepingInterval = TimeSpan.FromMilliseconds(25),
        Off = off,
    };

    internal override async Task KillAsync()
    {
        crashDisk.Kill();
        await EndAsync();
        crashDisk = crashDisk.AfterKill();
    }

    /// <summary>Cuts the power.</summary>
    /// <param name="random">Decides what of the unflushed changes is there afterwards, whole or torn.</param>
    /// <param name="keepChance">How likely each of a path's is.</param>
    internal async Task CutPowerAsync(Random random, Func<string, double> keepChance)
    {
        crashDisk.Kill();
        await EndAsync();
        crashDisk = crashDisk.AfterPowerCut(random, keepChance);
    }

    internal override async Task StopAsync()
    {
        await EndAsync();
        crashDisk = crashDisk.AfterKill();
    }

    internal override async Task<bool> RefusesAnotherAsync()
    {
        try
        {
            await (await LogEngine.OpenAsync(new EngineOptions { Disk = Disk })).DisposeAsync();
            return false;
        }
        catch (DataFolderLockedException)
        {
            return true;
        }
    }

    internal override string[] Segments(TopicPartition place) => [.. crashDisk.Paths(".log").Where(path => path.StartsWith($"topics/{place.Topic}-{place.Partition}/", StringComparison.Ordinal))];

    internal override byte[] ReadFile(string path) => crashDisk.ReadAll(path);

    internal override void Flip(string path, long position, byte bits) => crashDisk.Flip(path, position, bits);

    protected override async Task<Address> LaunchAsync()
    {
        Disk = new FaultyDisk(crashDisk);
        EngineOptions options = Options(Disk, Clock, Enum.TryParse(off.ToString(), out Protections own) ? own : Protections.None);
        host = await BrokerHost.StartAsync(options, new BrokerServerOptions(), new GroupOptions { InitialRebalanceDelay = TimeSpan.Zero, MinSessionTimeout = Session });
        return host.Server.Address;
    }

    private async Task GoDownAsync()
    {
        for (int i = 0; i < 200 && !crashDisk.IsDown; i++) await Task.Delay(5);
        crashDisk.Kill();
    }

    private async Task EndAsync()
    {
        if (host is not { } running) return;
        host = null;
        try
        {
            await running.DisposeAsync();
        }
        catch (Exception failed) when (failed is StorageFailedException or IOException)
        {
            // The disk was made to fail; what is on it is for the next start to judge.
        }
    }
}

/// <summary>A clock whose wall side can be set; time-outs use the other side.</summary>
internal sealed class JumpingClock : TimeProvider
{
    private long jumpTicks;
    private int jumps;

    internal int Jumps => Volatile.Read(ref jumps);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref jumpTicks));

    internal void Jump(TimeSpan by)
    {
        // Counted first: whoever sees the same number twice has seen no jump.
        Interlocked.Increment(ref jumps);
        Interlocked.Add(ref jumpTicks, by.Ticks);
    }
}
