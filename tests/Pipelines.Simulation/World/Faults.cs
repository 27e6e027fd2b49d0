namespace Pipelines.Simulation.World;

/// <summary>What the disk does wrong in one life of the simulated host, and how often it did.</summary>
internal sealed class Faults
{
    /// <summary>The disk operation at which the host dies; a large number for never.</summary>
    internal long CrashAtOperation { get; set; } = long.MaxValue;

    /// <summary>The write that fails, counted from the start of this life.</summary>
    internal long FailAtWrite { get; set; } = long.MaxValue;

    /// <summary>The flush that fails.</summary>
    internal long FailAtFlush { get; set; } = long.MaxValue;

    /// <summary>From that write on the disk is full.</summary>
    internal long FullAtWrite { get; set; } = long.MaxValue;

    /// <summary>How long a flush takes at most.</summary>
    internal TimeSpan FlushTime { get; set; } = TimeSpan.FromMilliseconds(3);

    /// <summary>One step of the host in so many is held up, up to half a second; 0 for none.</summary>
    internal int HoldUpOneIn { get; set; }
}

/// <summary>How often each fault happened.</summary>
internal sealed class FaultCounts
{
    internal long Crashes { get; set; }

    internal long TornWrites { get; set; }

    internal long LostWrites { get; set; }

    internal long FailedWrites { get; set; }

    internal long FailedFlushes { get; set; }

    internal long FullDisks { get; set; }

    internal long SlowDisks { get; set; }

    internal long ClockJumps { get; set; }

    internal long FailedCommits { get; set; }

    internal long PoisonRecords { get; set; }

    internal long LateRecords { get; set; }

    internal long HeldUpSteps { get; set; }

    internal void Add(FaultCounts other)
    {
        Crashes += other.Crashes;
        TornWrites += other.TornWrites;
        LostWrites += other.LostWrites;
        FailedWrites += other.FailedWrites;
        FailedFlushes += other.FailedFlushes;
        FullDisks += other.FullDisks;
        SlowDisks += other.SlowDisks;
        ClockJumps += other.ClockJumps;
        FailedCommits += other.FailedCommits;
        PoisonRecords += other.PoisonRecords;
        LateRecords += other.LateRecords;
        HeldUpSteps += other.HeldUpSteps;
    }
}
