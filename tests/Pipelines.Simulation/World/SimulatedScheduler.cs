namespace Pipelines.Simulation.World;

/// <summary>Runs all tasks of a simulated host on the caller's thread, the next one drawn from the seed.</summary>
internal sealed class SimulatedScheduler(Random random) : TaskScheduler
{
    private readonly List<Task> ready = [];

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
        TryExecuteTask(task);
    }

    /// <summary>Forgets everything that was to run: the process is dead.</summary>
    internal void Clear() => ready.Clear();

    protected override void QueueTask(Task task) => ready.Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => ready;
}
