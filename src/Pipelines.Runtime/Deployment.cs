using Pipelines.Execution;
using Pipelines.Runtime.Tasks;
using Pipelines.Topology;

namespace Pipelines.Runtime;

/// <summary>How a deployment stands.</summary>
public enum DeploymentStatus
{
    /// <summary>Not started, or restoring its state.</summary>
    Starting = 0,

    /// <summary>Handling records.</summary>
    Running = 1,

    /// <summary>Held by an operator; it keeps its place.</summary>
    Paused = 2,

    /// <summary>Stopped by its error contract, or because it does not fit the topics; the others go on.</summary>
    Stopped = 3,
}

/// <summary>Where a deployment stands in a partition.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The next offset to handle.</param>
/// <param name="End">The end of the partition as last heard.</param>
public readonly record struct InputPosition(string Topic, int Partition, long Offset, long End)
{
    /// <summary>How many offsets are not handled yet.</summary>
    public long Lag => End - Offset;
}

/// <summary>One detector assembly in one version inside a worker: the unit of progress, errors and pause.</summary>
/// <remarks>Starting => Running => Paused => Running; any => Stopped.</remarks>
public sealed class Deployment
{
    // Replaced, never changed: other loops walk it.
    private volatile TaskRunner[] runners = [];
    private long failureCount;
    private long formerRecords;
    private volatile bool isPaused;

    /// <summary>A deployment of <paramref name="topology"/>.</summary>
    /// <param name="topology">What the assembly contains.</param>
    /// <param name="services">Makes detectors that are not static; null when all are.</param>
    public Deployment(DeploymentTopology topology, IServiceProvider? services = null)
    {
        ArgumentNullException.ThrowIfNull(topology);
        Topology = topology;
        Services = services;
    }

    /// <summary>The deployment's name.</summary>
    public string Name => Topology.Name;

    /// <summary>What the assembly contains.</summary>
    public DeploymentTopology Topology { get; }

    /// <summary>How the deployment stands.</summary>
    public DeploymentStatus Status { get; private set; }

    /// <summary>Why it was stopped.</summary>
    public Exception? StopReason { get; private set; }

    /// <summary>Records that its handlers failed on.</summary>
    public long FailureCount => Volatile.Read(ref failureCount);

    /// <summary>The last failure, or null.</summary>
    public HandlerFailure? LastFailure { get; private set; }

    /// <summary>Records handled.</summary>
    public long RecordCount
    {
        get
        {
            long sum = formerRecords;
            foreach (TaskRunner runner in runners) sum += runner.RecordCount;
            return sum;
        }
    }

    /// <summary>Where the deployment stands in each partition that it reads; tables not among them.</summary>
    public IReadOnlyList<InputPosition> Positions =>
    [
        .. runners.SelectMany(static runner => runner.Inputs).Where(static input => input.Table is null)
            .Select(static input => new InputPosition(input.Topic, input.Partition, input.Processed, input.End)),
    ];

    internal IServiceProvider? Services { get; }

    internal IReadOnlyList<TaskRunner> Runners => runners;

    /// <summary>Holds the deployment where it is; the others go on.</summary>
    public void Pause()
    {
        isPaused = true;
        if (Status == DeploymentStatus.Running) Status = DeploymentStatus.Paused;
        foreach (TaskRunner runner in runners) runner.IsPaused = true;
    }

    /// <summary>Lets a held deployment go on.</summary>
    public void Resume()
    {
        isPaused = false;
        if (Status == DeploymentStatus.Paused) Status = DeploymentStatus.Running;
        foreach (TaskRunner runner in runners) runner.IsPaused = false;
    }

    /// <summary>A task runs from here on; as long as the deployment is held, it is too.</summary>
    internal void Add(TaskRunner runner)
    {
        if (isPaused) runner.IsPaused = true;
        runners = [.. runners, runner];
    }

    /// <summary>A task is another worker's; how many records it handled stays counted.</summary>
    internal void Remove(TaskRunner runner)
    {
        formerRecords += runner.RecordCount;
        runners = [.. runners.Where(other => !ReferenceEquals(other, runner))];
    }

    internal void Started()
    {
        if (Status != DeploymentStatus.Starting) return;
        Status = DeploymentStatus.Running;
        if (isPaused) Pause();
    }

    internal void Stop(Exception? reason)
    {
        StopReason ??= reason;
        Status = DeploymentStatus.Stopped;
        // One task's contract stops the whole deployment: half of one would give half of its answers.
        foreach (TaskRunner runner in runners) runner.Post(new TaskMessage(TaskMessageKind.Stop));
    }

    internal void Report(HandlerFailure failure)
    {
        if (failure.Action != FailureAction.Retried) Interlocked.Increment(ref failureCount);
        LastFailure = failure;
    }
}
