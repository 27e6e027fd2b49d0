namespace Pipelines.Runtime;

/// <summary>What a task does.</summary>
public enum TaskActivity
{
    /// <summary>Its partition was given to this worker, and its state is being brought back.</summary>
    Restoring = 0,

    /// <summary>It handles records as they come.</summary>
    Running = 1,

    /// <summary>What it has done waits for its commit.</summary>
    Committing = 2,

    /// <summary>A handler has not returned for long, or a partition that it reads does not go on.</summary>
    Stuck = 3,
}

/// <summary>Where a task stands: a deployment on one partition.</summary>
/// <param name="Deployment">The deployment; empty for a partition whose state is being brought back for all of them.</param>
/// <param name="Partition">The partition's number.</param>
/// <param name="Activity">What it does.</param>
/// <param name="Topic">The topic that it reads: while it is restored the changelog or table, else the input that is furthest behind; null before anything is read.</param>
/// <param name="Position">The next offset of that topic.</param>
/// <param name="Target">The offset at which the restoring ends, or the end of the input as last seen.</param>
/// <param name="Rate">Offsets per second since the restoring began; 0 for a task that runs.</param>
/// <param name="Left">The time until the restoring is over at that rate; null when that is not known.</param>
/// <param name="Reason">Why the task is stuck; null when it is not.</param>
public sealed record TaskReport(string Deployment, int Partition, TaskActivity Activity, string? Topic, long Position, long Target, double Rate, TimeSpan? Left, string? Reason)
{
    /// <summary>Offsets between the position and the target.</summary>
    public long Behind => Math.Max(0, Target - Position);
}
