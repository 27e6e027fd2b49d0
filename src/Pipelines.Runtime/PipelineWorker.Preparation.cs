using Pipelines.Execution;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Restore;
using Pipelines.Runtime.Tasks;
using Pipelines.Topology;

namespace Pipelines.Runtime;

/// <content>Makes the tasks of a deployment and brings their state back.</content>
public sealed partial class PipelineWorker
{
    private async Task PrepareAsync(Deployment deployment)
    {
        try
        {
            var counts = new Dictionary<ComponentDefinition, int>();
            foreach (ComponentDefinition component in deployment.Topology.Components)
                counts.Add(component, await topics.EnsureAsync(deployment.Name, component));
            int tasks = counts.Values.DefaultIfEmpty(0).Max();
            string changelog = topics.Changelog(deployment.Name);
            int logged = await topics.EnsureAsync(changelog, Math.Max(tasks, 1), isCompacted: true);
            if (logged < tasks)
            {
                throw new TopologyException(
                    $"Changelog '{changelog}' has {logged} partitions, but the deployment runs as {tasks} tasks. The inputs' partitions have changed; delete the changelog, so that state is built anew, or restore the old number.");
            }

            var prepared = new List<TaskRunner>();
            for (int partition = 0; partition < tasks; partition++)
                prepared.Add(await PrepareAsync(deployment, counts, changelog, partition));
            foreach (TaskRunner runner in prepared) deployment.Add(runner);
        }
        catch (Exception refused) when (refused is TopologyException or RecordFormatException or InvalidOperationException)
        {
            WorkerLog.Refused(logger, deployment.Name, refused);
            deployment.Stop(refused);
        }
    }

    private async Task<TaskRunner> PrepareAsync(Deployment deployment, Dictionary<ComponentDefinition, int> counts, string changelog, int partition)
    {
        var components = new List<DetectorTask>();
        var inputs = new Dictionary<string, TaskInput>(StringComparer.Ordinal);
        foreach ((ComponentDefinition component, int count) in counts)
        {
            if (partition >= count) continue;
            DetectorTask task = component.Create(new TaskContext(component, TaskOptionsOf(deployment, changelog, partition, count)));
            components.Add(task);
            for (int i = 0; i < component.Inputs.Count; i++)
                await PrepareInputAsync(deployment, task, i, partition, inputs);
        }

        await RestoreAsync(deployment, components, changelog, partition);
        var context = new TaskRunnerContext
        {
            Clock = options.Clock,
            IdleAfter = options.IdleAfter,
            EpochBytes = options.EpochBytes,
            RequestCommit = commitSignal.Set,
            OnStopped = (_, reason) =>
            {
                WorkerLog.DeploymentStopped(logger, deployment.Name, reason);
                deployment.Stop(reason);
            },
            OnBadRow = (batch, offset, malformed) => WorkerLog.BadRow(logger, batch.Topic, batch.Partition, offset, malformed),
        };
        return new TaskRunner(context, partition, components, [.. inputs.Values]);
    }

    private async Task PrepareInputAsync(Deployment deployment, DetectorTask task, int index, int partition, Dictionary<string, TaskInput> inputs)
    {
        InputDefinition definition = task.Scope.Component.Inputs[index];
        string topic = topics.NameOf(deployment.Name, definition);
        if (partition >= topics.PartitionsOf(topic))
        {
            // The topic has fewer partitions than another input: nothing will ever come here.
            task.Scope.SetIdle(index, isIdle: true);
            return;
        }

        if (definition.Kind == InputKind.Table)
        {
            TableStoreBase table = task.Tables[index];
            (long rows, long end) = await LogReader.ReadAsync(readerContext, topic, partition, table.Apply);
            WorkerLog.TableLoaded(logger, deployment.Name, topic, partition, rows);
            inputs.Add($"{topic}#{inputs.Count}", new TaskInput(topic, partition, end) { Table = table });
            return;
        }

        if (!inputs.TryGetValue(topic, out TaskInput? input))
        {
            long start = await StartOffsetAsync(deployment, definition, topic, partition);
            inputs.Add(topic, input = new TaskInput(topic, partition, start));
        }

        input.Consumers.Add((task, index));
    }

    private async Task<long> StartOffsetAsync(Deployment deployment, InputDefinition definition, string topic, int partition)
    {
        if (committer.Progress.Find(deployment.Name, topic, partition) is { } known) return known;
        PartitionRange range = await broker.GetRangeAsync(topic, partition);
        return options.StartFrom == StartFrom.Latest && definition.Kind == InputKind.Topic ? range.End : range.Start;
    }

    private async Task RestoreAsync(Deployment deployment, List<DetectorTask> components, string changelog, int partition)
    {
        long began = options.Clock.GetTimestamp();
        (long records, _) = await LogReader.ReadAsync(readerContext, changelog, partition, (RecordBatch batch, in RecordEntry entry) =>
        {
            foreach (DetectorTask component in components)
            {
                if (component.Scope.Restore(batch, in entry)) break;
            }
        });
        if (records > 0) WorkerLog.Restored(logger, deployment.Name, partition, records, options.Clock.GetElapsedTime(began).TotalMilliseconds);
    }

    private TaskOptions TaskOptionsOf(Deployment deployment, string changelog, int partition, int count) => new()
    {
        Deployment = deployment.Name,
        Version = deployment.Topology.Version,
        Partition = partition,
        PartitionCount = count,
        Changelog = changelog,
        DeadLetters = (topics.DeadLetters, topics.PartitionsOf(topics.DeadLetters)),
        ResolveOutput = output =>
        {
            string name = topics.NameOf(deployment.Name, output);
            return (name, topics.PartitionsOf(name));
        },
        Services = deployment.Services,
        Undoes = options.Undoes,
        OnFailure = failure =>
        {
            deployment.Report(failure);
            WorkerLog.HandlerFailed(logger, deployment.Name, failure.Handler.Detector, failure.Handler.Name, failure.Topic, failure.Partition, failure.Offset, failure.Action, failure.Exception);
        },
    };
}
