namespace Pipelines.Runtime.Commits;

/// <summary>One question to all tasks, whether they can seal; answered when each has said so, or when patience ends.</summary>
internal sealed class SealRound(int tasks)
{
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int left = tasks;

    internal Task Answered => done.Task;

    internal void Answer()
    {
        if (Interlocked.Decrement(ref left) == 0) done.TrySetResult();
    }

    internal void GiveUp() => done.TrySetResult();
}
