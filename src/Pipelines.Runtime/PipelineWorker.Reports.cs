using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Restore;
using Pipelines.Runtime.Shards;
using Pipelines.Runtime.Tasks;

namespace Pipelines.Runtime;

/// <content>What the worker tells about its tasks.</content>
public sealed partial class PipelineWorker
{
    private static readonly TimeSpan WatchRepeat = TimeSpan.FromSeconds(30);

    /// <summary>Where each task of this worker stands now.</summary>
    public IReadOnlyList<TaskReport> Tasks => [.. shards.SelectMany(shard => shard.IsRunning ? shard.Tasks.Select(task => ReportRunning(task.Deployment, task.Runner)) : [ReportRestoring(shard)])];

    private TaskReport ReportRestoring(Shard shard)
    {
        // Shards are restored one after the other: what is read belongs to the one whose partition it is.
        LogReading? reading = readerContext.Readings.Keys.FirstOrDefault(reading => reading.Partition == shard.Partition) ?? readerContext.Readings.Keys.FirstOrDefault();
        PartitionId? undecided = readerContext.Undecided;
        string? reason = undecided is { } awaited ? watchdog.ReasonOf(awaited.Topic, awaited.Partition) : reading is null ? null : watchdog.ReasonOf(reading.Topic, reading.Partition);
        if (reading is null) return new TaskReport("", shard.Partition, reason is null ? TaskActivity.Restoring : TaskActivity.Stuck, undecided?.Topic, 0, 0, 0, Left: null, reason);
        TaskActivity activity = reason is null ? TaskActivity.Restoring : TaskActivity.Stuck;
        return new TaskReport("", shard.Partition, activity, reading.Topic, reading.Position, reading.Target, reading.Rate, reading.Left, reason);
    }

    private TaskReport ReportRunning(Deployment deployment, TaskRunner runner)
    {
        TaskInput? furthest = runner.Inputs.Where(static input => input.Table is null).MaxBy(static input => input.End - input.Processed);
        string? reason = furthest is null ? null : watchdog.ReasonOf(furthest.Topic, furthest.Partition);
        if (runner.IsToldStuck) reason = "a handler does not return";
        TaskActivity activity = reason is not null ? TaskActivity.Stuck : runner.IsSealed ? TaskActivity.Committing : TaskActivity.Running;
        return new TaskReport(deployment.Name, runner.Partition, activity, furthest?.Topic, furthest?.Processed ?? 0, furthest?.End ?? 0, Rate: 0, Left: null, reason);
    }
}
