using System.Diagnostics;
using Pipelines.Broker.Log;
using Pipelines.Broker.Server;
using Pipelines.Soak.Brokers.Network;

namespace Pipelines.Soak.Brokers.Worlds;

/// <summary>A broker, and what it stands on. Started => Down: killed or stopped. Down => Started: started again, on the same data.</summary>
internal abstract class World : IAsyncDisposable
{
    /// <summary>What clients connect to.</summary>
    internal Proxy Proxy { get; } = new();

    /// <summary>The shortest time after which a silent member of a group is taken to be gone.</summary>
    internal abstract TimeSpan Session { get; }

    /// <summary>How often its wall clock has jumped.</summary>
    internal virtual int ClockJumps => 0;

    /// <summary>The longest time from a start to the broker's listening.</summary>
    internal TimeSpan SlowestRecovery { get; private set; }

    /// <summary>Starts the broker and waits until it listens.</summary>
    internal async Task StartAsync()
    {
        long began = Stopwatch.GetTimestamp();
        Proxy.Broker = await LaunchAsync();
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        if (took > SlowestRecovery) SlowestRecovery = took;
    }

    /// <summary>Kills it as with SIGKILL; what it wrote is with the operating system.</summary>
    internal abstract Task KillAsync();

    /// <summary>Stops it as it is meant to be stopped.</summary>
    internal abstract Task StopAsync();

    /// <summary>Tries to start a second broker on the same data.</summary>
    /// <returns>True when it was refused.</returns>
    internal abstract Task<bool> RefusesAnotherAsync();

    /// <summary>The segments of a partition, the last one last; before the first record there is none.</summary>
    internal abstract string[] Segments(TopicPartition place);

    /// <summary>What is in a file.</summary>
    internal abstract byte[] ReadFile(string path);

    /// <summary>Changes some bits of a file, whoever has it open; done twice, nothing has changed.</summary>
    internal abstract void Flip(string path, long position, byte bits);

    public virtual async ValueTask DisposeAsync()
    {
        await KillAsync();
        await Proxy.DisposeAsync();
    }

    protected abstract Task<Address> LaunchAsync();
}
