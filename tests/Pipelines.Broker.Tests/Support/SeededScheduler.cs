namespace Pipelines.Broker.Tests.Support;

/// <summary>Runs everything on the caller's thread, the next task drawn from a seed: the same seed gives the same interleaving.</summary>
internal sealed class SeededScheduler(Random random) : TaskScheduler
{
    private readonly List<Task> ready = [];

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Runs until the work is done.</summary>
    internal void Run(Func<Task> work)
    {
        SynchronizationContext? outer = SynchronizationContext.Current;
        // With one set, what is awaited would go on there instead of here.
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            Task task = Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();
            while (!task.IsCompleted) Step();
            task.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    protected override void QueueTask(Task task) => ready.Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => ready;

    private void Step()
    {
        Assert.True(ready.Count > 0, "Everything waits for something that does not come");
        int index = random.Next(ready.Count);
        Task task = ready[index];
        ready[index] = ready[^1];
        ready.RemoveAt(ready.Count - 1);
        TryExecuteTask(task);
    }
}
