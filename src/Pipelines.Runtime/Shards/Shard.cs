using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Reading;
using Pipelines.Runtime.Tasks;

namespace Pipelines.Runtime.Shards;

/// <summary>One partition number of topics that are read together: what a worker gets, restores, runs and gives back as a whole.</summary>
/// <remarks>
/// Restoring => Running: its tasks have their state, and are started between two commits. Restoring, Running => Dropped: the group gave it to another worker, or the worker stops.
/// </remarks>
internal sealed class Shard(int set, int partition, IReadOnlyList<PartitionId> inputs)
{
    private readonly List<(PartitionReader Reader, Task Loop)> readers = [];
    private readonly List<Task> loops = [];
    private volatile bool isDropped;

    /// <summary>Which of the worker's sets of topics.</summary>
    internal int Set => set;

    /// <summary>The partition's number.</summary>
    internal int Partition => partition;

    /// <summary>The partitions, one of each topic that has so many.</summary>
    internal IReadOnlyList<PartitionId> Inputs => inputs;

    /// <summary>The tasks; complete when the shard has been restored.</summary>
    internal List<(Deployment Deployment, TaskRunner Runner)> Tasks { get; } = [];

    /// <summary>True when the shard is another's by now, however far its restoring has come.</summary>
    internal bool IsDropped => isDropped;

    /// <summary>True while the tasks run.</summary>
    internal bool IsRunning { get; private set; }

    /// <summary>Starts the tasks, and reading.</summary>
    internal void Start(Func<Func<Task>, Task> startLoop, ReaderContext context, int capacityBatches)
    {
        foreach ((_, TaskRunner runner) in Tasks) loops.Add(startLoop(runner.RunAsync));
        IsRunning = true;
        StartReaders(startLoop, context, capacityBatches);
    }

    /// <summary>Reads on from what is committed.</summary>
    internal void StartReaders(Func<Func<Task>, Task> startLoop, ReaderContext context, int capacityBatches)
    {
        var wanted = new Dictionary<(string Topic, int Partition), List<(TaskRunner Runner, TaskInput Input)>>();
        foreach ((_, TaskRunner runner) in Tasks)
        {
            if (runner.IsStopped) continue;
            foreach (TaskInput input in runner.Inputs)
            {
                if (!wanted.TryGetValue((input.Topic, input.Partition), out List<(TaskRunner, TaskInput)>? members))
                    wanted.Add((input.Topic, input.Partition), members = []);
                members.Add((runner, input));
            }
        }

        foreach (((string topic, int number), List<(TaskRunner Runner, TaskInput Input)> members) in wanted)
        {
            var reader = new PartitionReader(context, topic, number, members.Min(static member => member.Input.Committed));
            foreach ((TaskRunner runner, TaskInput input) in members)
            {
                var subscription = new Subscription(topic, number, capacityBatches, runner.Accept) { NextOffset = input.Committed };
                input.LastRecordAt = context.Clock.GetTimestamp();
                input.Subscription = subscription;
                reader.Attach(subscription);
            }

            readers.Add((reader, startLoop(reader.RunAsync)));
        }
    }

    /// <summary>Asks the readers to end.</summary>
    internal void EndReading()
    {
        foreach ((PartitionReader reader, _) in readers) reader.Stop();
    }

    /// <summary>Waits until the readers have ended.</summary>
    internal async Task ReadersEndedAsync()
    {
        EndReading();
        foreach ((_, Task loop) in readers) await loop;
        readers.Clear();
    }

    /// <summary>The shard is another's before it was restored.</summary>
    internal void Abandon() => isDropped = true;

    /// <summary>Ends the tasks; what they have not committed is dropped.</summary>
    /// <param name="clock">The clock.</param>
    /// <param name="patience">How long a task may be busy in a handler before it is left behind.</param>
    /// <returns>The tasks that were left behind: they end when their handler returns, and nothing of them is committed.</returns>
    internal async Task<IReadOnlyList<TaskRunner>> DropAsync(TimeProvider clock, TimeSpan patience)
    {
        isDropped = true;
        IsRunning = false;
        foreach ((_, TaskRunner runner) in Tasks)
        {
            runner.IsPaused = true;
            runner.Complete();
        }

        EndReading();
        long began = clock.GetTimestamp();
        while (!loops.TrueForAll(static loop => loop.IsCompleted) && clock.GetElapsedTime(began) < patience) await Task.Delay(TimeSpan.FromMilliseconds(5), clock);
        await ReadersEndedAsync();
        var stuck = new List<TaskRunner>();
        for (int i = 0; i < loops.Count; i++)
        {
            if (!loops[i].IsCompleted) stuck.Add(Tasks[i].Runner);
        }

        return stuck;
    }
}
