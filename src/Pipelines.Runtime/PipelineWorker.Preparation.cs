using System.Collections.Concurrent;
using Pipelines.Execution;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Restore;
using Pipelines.Runtime.Shards;
using Pipelines.Runtime.Tasks;
using Pipelines.Topology;

namespace Pipelines.Runtime;

/// <content>Makes the tasks of a shard and brings their state back.</content>
public sealed partial class PipelineWorker
{
    // The same everywhere, so that a simulated run is the same on every machine.
    private const int RestoresAtOnce = 4;

    /// <summary>Finds or creates the deployment's topics. Null when it does not fit them: it is refused, and the others run without it.</summary>
    private async Task<DeploymentLayout?> LayOutAsync(Deployment deployment)
    {
        try
        {
            var counts = new Dictionary<ComponentDefinition, int>();
            foreach (ComponentDefinition component in deployment.Topology.Components)
                counts.Add(component, await topics.EnsureAsync(deployment.Name, component));
            string[] inputs = [.. counts.Keys.SelectMany(static component => component.Inputs).Where(static input => input.Kind != InputKind.Table)
                .Select(input => topics.NameOf(deployment.Name, input)).Distinct(StringComparer.Ordinal)];
            var layout = new DeploymentLayout(deployment, counts, topics.Changelog(deployment.Name), inputs);
            int logged = await topics.EnsureLogAsync(layout.Changelog, Math.Max(layout.Tasks, 1));
            if (logged < layout.Tasks)
            {
                throw new TopologyException(
                    $"Changelog '{layout.Changelog}' has {logged} partitions, but the deployment runs as {layout.Tasks} tasks. The inputs' partitions have changed: stop all workers and delete the changelog, with: pipelines topics delete {layout.Changelog}; state is then built anew. Or restore the old number.");
            }

            return layout;
        }
        catch (TopologyException refused)
        {
            Refuse(deployment, refused);
            return null;
        }
    }

    private void Refuse(Deployment deployment, Exception refused)
    {
        WorkerLog.Refused(logger, deployment.Name, refused.Message, WorkerLog.Unexpected(refused));
        deployment.Stop(refused);
    }

    /// <summary>Brings the state of shards back, a few at a time, while those that run go on.</summary>
    private async Task RestoreLoopAsync()
    {
        while (await toRestore.Reader.WaitToReadAsync())
        {
            while (toRestore.Reader.TryRead(out IReadOnlyList<Shard>? added)) await RestoreAsync(added);
        }
    }

    private async Task RestoreAsync(IReadOnlyList<Shard> added)
    {
        if (!await UntilDoneAsync(added, () => SettleAsync(added))) return;
        var left = new ConcurrentQueue<Shard>(added);
        await Task.WhenAll(Enumerable.Range(0, Math.Min(added.Count, RestoresAtOnce)).Select(_ => StartLoop(async () =>
        {
            while (left.TryDequeue(out Shard? shard)) await UntilDoneAsync([shard], () => PrepareAsync(shard));
        })));
    }

    /// <summary>Repeats what fails for a while, as long as somebody needs it.</summary>
    /// <returns><see langword="true"/> when it was done.</returns>
    private async Task<bool> UntilDoneAsync(IReadOnlyList<Shard> needing, Func<Task> work)
    {
        while (!isStopping && needing.Any(static shard => !shard.IsDropped))
        {
            try
            {
                await work();
                return true;
            }
            catch (BrokerException failure)
            {
                WorkerLog.RestoreFailed(logger, needing[0].Partition, failure.Message);
                if (failure.IsFatal)
                {
                    Fail(failure);
                    return false;
                }

                await Task.Delay(options.RecoveryDelay, options.Clock);
            }
        }

        return false;
    }

    private async Task PrepareAsync(Shard shard)
    {
        shard.Tasks.Clear();
        foreach (DeploymentLayout layout in shardMap.LayoutsOf(shard)) await PrepareAsync(layout, shard);
        restored.Enqueue(shard);
        commitSignal.Set();
    }

    /// <summary>Waits until nothing that a former owner has begun on the partitions is undecided, then reads what is committed.</summary>
    /// <remarks>
    /// A former owner is out of the group's generation, so it can add no offsets to a transaction any more, and without them it does not commit. What it had added before holds the
    /// group's offsets up until it is decided. Its markers may come to the progress and the changelog later than there: those are read to the end of all that is written,
    /// which a reader of committed records reaches only when everything before is decided.
    /// </remarks>
    private async Task SettleAsync(IReadOnlyList<Shard> added)
    {
        foreach (Shard shard in added)
        {
            foreach (PartitionId input in shard.Inputs)
            {
                readerContext.Undecided = input;
                await broker.GetCommittedOffsetAsync(options.Application, input.Topic, input.Partition);
            }
        }

        readerContext.Undecided = null;
        await progressLog.ReadOnAsync();
    }

    private async Task PrepareAsync(DeploymentLayout layout, Shard shard)
    {
        if (layout.Deployment.Status == DeploymentStatus.Stopped) return;
        try
        {
            shard.Tasks.Add((layout.Deployment, await PrepareAsync(layout.Deployment, layout.Counts, layout.Changelog, shard.Partition)));
        }
        catch (Exception refused) when (refused is TopologyException or RecordFormatException or InvalidOperationException)
        {
            Refuse(layout.Deployment, refused);
        }
    }

    private async Task<TaskRunner> PrepareAsync(Deployment deployment, IReadOnlyDictionary<ComponentDefinition, int> counts, string changelog, int partition)
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
            Epochs = epochs,
            RequestCommit = commitSignal.Set,
            OnStopped = (_, reason) =>
            {
                WorkerLog.DeploymentStopped(logger, deployment.Name, reason);
                deployment.Stop(reason);
            },
            OnBadRow = (batch, offset, malformed) => WorkerLog.BadRow(logger, batch.Topic, batch.Partition, offset, malformed),
        };
        // Where a deployment begins that has no progress has to be committed, or another worker would begin elsewhere.
        bool isNew = inputs.Values.Any(input => input.Table is null && progressLog.Find(deployment.Name, input.Topic, input.Partition) is null);
        return new TaskRunner(context, partition, components, [.. inputs.Values], hasChanges: isNew && options.StartFrom == StartFrom.Latest);
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
            (long rows, long end) = await LogReader.ReadAsync(readerContext, topic, partition, from: 0, table.Apply);
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
        if (progressLog.Find(deployment.Name, topic, partition) is { } known) return known;
        PartitionRange range = await broker.GetRangeAsync(topic, partition);
        return options.StartFrom == StartFrom.Latest && definition.Kind == InputKind.Topic ? range.End : range.Start;
    }

    private async Task RestoreAsync(Deployment deployment, List<DetectorTask> components, string changelog, int partition)
    {
        long began = options.Clock.GetTimestamp();
        (long records, _) = await LogReader.ReadAsync(readerContext, changelog, partition, from: 0, batch =>
        {
            for (int i = 0; i < batch.Count; i++)
            {
                foreach (DetectorTask component in components)
                {
                    if (component.Scope.Restore(batch, i)) break;
                }
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
