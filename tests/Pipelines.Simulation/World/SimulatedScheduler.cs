namespace Pipelines.Simulation.World;

/// <summary>Runs all tasks of a simulated host on the caller's thread, the next one drawn from the seed.</summary>
/// <remarks>Some steps may be held up for a while, as by a slow handler, a page fault or a busy machine; everything else goes on meanwhile.</remarks>
internal sealed class SimulatedScheduler(Random random, SimulatedTime time, FaultCounts counts) : TaskScheduler
{
    private readonly List<Task> ready = [];

    /// <summary>One step in so many is held up; 0 for none.</summary>
    internal int HoldUpOneIn { get; set; }

    /// <summary>Steps taken so far.</summary>
    internal long StepCount { get; private set; }

    internal bool HasWork => ready.Count > 0;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Runs one ready task.</summary>
    internal void Step()
    {
        int index = random.Next(ready.Count);
        Task task = ready[index];
        ready[index] = ready[^1];
        ready.RemoveAt(ready.Count - 1);
        StepCount++;
        if (HoldUpOneIn > 0 && random.Next(HoldUpOneIn) == 0) HoldUp(task);
        else TryExecuteTask(task);
    }

    private void HoldUp(Task task)
    {
        counts.HeldUpSteps++;
        time.CreateTimer(_ => ready.Add(task), state: null, TimeSpan.FromMilliseconds(random.Next(1, 500)), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Forgets everything that was to run: the process is dead.</summary>
    internal void Clear() => ready.Clear();

    protected override void QueueTask(Task task) => ready.Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => ready;
}
