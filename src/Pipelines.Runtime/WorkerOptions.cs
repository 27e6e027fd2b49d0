namespace Pipelines.Runtime;

/// <summary>Where a deployment that has no progress yet begins to read.</summary>
public enum StartFrom
{
    /// <summary>At the first record there is.</summary>
    Earliest = 0,

    /// <summary>At the next record that comes.</summary>
    Latest = 1,
}

/// <summary>How a worker reads, commits and waits.</summary>
public sealed class WorkerOptions
{
    /// <summary>Names the application: the prefix of its topics, its group and its transactional id.</summary>
    public string Application { get; set; } = "pipelines";

    /// <summary>The time between commits: about how late outputs become visible.</summary>
    public TimeSpan CommitInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a partition must have been empty before stream time stops waiting for it.</summary>
    public TimeSpan IdleAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a deployment without room may hold up the others before it reads on its own.</summary>
    public TimeSpan DetachAfter { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a fetch waits for data.</summary>
    public TimeSpan FetchWait { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>About how many bytes one fetch brings; fewer where there are so many partitions that <see cref="ReadAheadBytes"/> does not reach.</summary>
    public int FetchBytes { get; set; } = 256 * 1024;

    /// <summary>About how many bytes may have been fetched and not handled, for all partitions together.</summary>
    public long ReadAheadBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>How many fetches may wait for a task, that at hand included.</summary>
    public int TaskCapacityBatches { get; set; } = 2;

    /// <summary>
    /// What epochs may hold together, outputs and changes of state, those that are open and those that the broker has not taken yet. A task whose share is used up waits until the broker has
    /// taken enough, and asks for a commit before the interval is over.
    /// </summary>
    public long EpochBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>The partitions of topics that do not exist yet and are created.</summary>
    public int DefaultPartitions { get; set; } = 1;

    /// <summary>Whether inputs and outputs that do not exist are created. The worker's own topics always are.</summary>
    public bool CreateTopics { get; set; } = true;

    /// <summary>True where others use the broker too: an input that does not exist may be one whose name is wrong.</summary>
    public bool SharesBroker { get; set; }

    /// <summary>Where a deployment without progress begins.</summary>
    public StartFrom StartFrom { get; set; }

    /// <summary>The least time between attempts to recover from a failed commit.</summary>
    public TimeSpan RecoveryDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a task may be busy with one record before it is told as stuck.</summary>
    public TimeSpan StuckAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The time between looks at whether everything moves: about how often a long restore tells how far it is, and how soon it is told why something stands. Zero for none.</summary>
    public TimeSpan WatchInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The time between copies of each deployment's offsets to the group <c>application.deployment</c>, where ordinary tools show its lag; zero for none.</summary>
    public TimeSpan MirrorInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The time between deletions of what is handled in the topics through which deployments pass records to themselves; zero for none.</summary>
    public TimeSpan PurgeInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock; <see cref="TimeProvider.System"/> unless a test says otherwise.</summary>
    public TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <summary>False switches undo off, so that a test of a checker can see it notice.</summary>
    internal bool Undoes { get; set; } = true;

    /// <summary>What is taken for the outcome of a commit without an answer, so that a test of a checker can see it notice; null to look at the committed progress.</summary>
    internal bool? PresumedOutcome { get; set; }

    /// <summary>False keeps the tasks of partitions that are lost, so that a test of a checker can see it notice.</summary>
    internal bool DropsLost { get; set; } = true;

    /// <summary>Where the worker's loops run.</summary>
    public TaskScheduler Scheduler { get; set; } = TaskScheduler.Default;
}
