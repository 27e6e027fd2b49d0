using Pipelines.Execution;
using Pipelines.Runtime.Commits;
using Pipelines.Runtime.Reading;

namespace Pipelines.Runtime.Tasks;

/// <summary>What a task's channel carries.</summary>
internal enum TaskMessageKind
{
    /// <summary>Records to handle.</summary>
    Batch,

    /// <summary>Seal the epoch, if that is possible now.</summary>
    Seal,

    /// <summary>The sealed epoch is committed.</summary>
    Acknowledge,

    /// <summary>Drop what waits, undo what is not committed, and answer.</summary>
    Rewind,

    /// <summary>The deployment stops: undo the open epoch and take no more.</summary>
    Stop,

    /// <summary>Look again: a delay is over, or the task was paused or resumed.</summary>
    Wake,

    /// <summary>The broker has taken some of the sealed epoch, so there may be room for more.</summary>
    Room,
}

/// <summary>One message to a task.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Batch">For <see cref="TaskMessageKind.Batch"/>: the records; one reference is the task's.</param>
/// <param name="Subscription">For <see cref="TaskMessageKind.Batch"/>: where they come from.</param>
/// <param name="Round">For <see cref="TaskMessageKind.Seal"/>: whom to answer.</param>
/// <param name="Rewind">For <see cref="TaskMessageKind.Rewind"/>: what became of the sealed epoch, and whom to answer.</param>
internal readonly record struct TaskMessage(
    TaskMessageKind Kind,
    RecordBatch? Batch = null,
    Subscription? Subscription = null,
    SealRound? Round = null,
    RewindRequest? Rewind = null);

/// <summary>Asks a task to go back to its last commit.</summary>
/// <param name="IsSealedCommitted">True when the sealed epoch turned out to be committed: it is kept.</param>
internal sealed record RewindRequest(bool IsSealedCommitted)
{
    /// <summary>Completed when the task has gone back.</summary>
    internal TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
