using Pipelines.Execution;
using Pipelines.Topology;

namespace Pipelines.Testing;

/// <content>The tasks, and how records move between them.</content>
public sealed partial class TestDriver
{
    /// <summary>Throws all state in memory away and brings it back from the changelog, as after a crash.</summary>
    public void Restart()
    {
        var positions = tasks.ToDictionary(static task => task.Id, static task => task.Positions);
        CreateTasks();
        foreach (DriverTask task in tasks)
        {
            task.Positions = positions[task.Id];
            RecordBatch changes = log.Read(Changelog, task.Partition, 0);
            for (int i = 0; i < changes.Count; i++) task.Task.Scope.Restore(changes, i);
        }

        Pump();
    }

    private void CreateTasks()
    {
        tasks.Clear();
        foreach (ComponentDefinition component in topology.Components)
        {
            for (int partition = 0; partition < partitions; partition++)
            {
                var options = new TaskOptions
                {
                    Deployment = topology.Name,
                    Version = topology.Version,
                    Partition = partition,
                    PartitionCount = partitions,
                    Changelog = Changelog,
                    DeadLetters = (DeadLetterTopic, 1),
                    ResolveOutput = output => (output.Topic, log.PartitionsOf(output.Topic)),
                    Services = services,
                    OnFailure = failures.Add,
                };
                tasks.Add(new DriverTask(component, component.Create(new TaskContext(component, options)), partition));
            }
        }
    }

    /// <summary>Lets tasks handle what has come, until nothing more comes.</summary>
    private void Pump()
    {
        bool moved = true;
        while (moved && StopReason is null)
        {
            moved = false;
            foreach (DriverTask task in tasks) moved |= Run(task);
            if (moved) Commit();
        }
    }

    private bool Run(DriverTask task)
    {
        bool moved = false;
        for (int input = 0; input < task.Positions.Length; input++)
        {
            string topic = task.Component.Inputs[input].Topic;
            if (log.Partition(topic, task.Partition).Count == task.Positions[input]) continue;
            RecordBatch batch = log.Read(topic, task.Partition, task.Positions[input]);
            moved = true;
            if (task.Component.Inputs[input].Kind == InputKind.Table)
            {
                foreach (RecordEntry entry in batch.Entries) task.Task.Tables[input].Apply(batch, in entry);
            }
            else if (!Process(task, batch, input))
            {
                return false;
            }

            task.Positions[input] += batch.Count;
        }

        return moved;
    }

    private bool Process(DriverTask task, RecordBatch batch, int input)
    {
        TaskScope scope = task.Task.Scope;
        scope.SetBatch(batch, 0, batch.Count);
        while (!task.Task.Process(input))
        {
            if (scope.Status == ScopeStatus.Stopped)
            {
                StopReason = scope.StopReason;
                scope.RollbackOpen();
                return false;
            }

            // A retry's delay is virtual time.
            nowMs += scope.RetryDelayMs;
            scope.SetBatch(batch, scope.Position, batch.Count);
        }

        return true;
    }

    private void Commit()
    {
        foreach (DriverTask task in tasks)
        {
            TaskScope scope = task.Task.Scope;
            if (scope.Status == ScopeStatus.Stopped) continue;
            scope.Seal(nowMs);
            foreach (OutputPartition output in scope.Outputs) log.Append(output);
            scope.Acknowledge();
        }
    }

    /// <summary>One task and how far it has read.</summary>
    private sealed class DriverTask(ComponentDefinition component, DetectorTask task, int partition)
    {
        internal ComponentDefinition Component { get; } = component;

        internal DetectorTask Task { get; } = task;

        internal int Partition { get; } = partition;

        internal int[] Positions { get; set; } = new int[component.Inputs.Count];

        internal (string, int) Id => (Component.Name, Partition);

        internal void AdvanceTime(long nowMs)
        {
            for (int i = 0; i < Component.Inputs.Count; i++)
            {
                if (Component.Inputs[i].Kind == InputKind.Topic) Task.Scope.AdvanceTime(i, nowMs);
            }

            if (Task.Scope.CloseDue) Task.Close();
        }
    }
}
