using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Reading;
using Pipelines.Runtime.Shards;
using Pipelines.Runtime.Tasks;

namespace Pipelines.Runtime;

/// <content>Commits, recovery from a failed commit, and waiting for the end of the input.</content>
public sealed partial class PipelineWorker
{
    private static readonly TimeSpan RepeatInterval = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, long> readFailures = new(StringComparer.Ordinal);
    private readonly HashSet<string> unmirrored = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Topic, int Partition), long> purged = [];
    private bool isToldUnpurged;

    /// <summary>Waits until everything that is in the worker's partitions now is handled and committed, through internal topics too.</summary>
    public async Task DrainAsync()
    {
        await OnScheduler(async () =>
        {
            while (!completion.Task.IsCompleted && !await IsDrainedAsync())
                await Task.Delay(TimeSpan.FromMilliseconds(10), options.Clock);
        });
        if (completion.Task.IsFaulted) await completion.Task;
    }

    private async Task<bool> IsDrainedAsync()
    {
        if (!AllIdle()) return false;
        foreach (Deployment deployment in deployments)
        {
            foreach (TaskRunner runner in deployment.Runners)
            {
                if (runner.IsStopped) continue;
                foreach (TaskInput input in runner.Inputs)
                {
                    PartitionRange range = await broker.GetRangeAsync(input.Topic, input.Partition);
                    if (input.Processed < range.End) return false;
                }
            }
        }

        return AllIdle();
    }

    private bool AllIdle()
    {
        if (change is not null || !restored.IsEmpty || IsRestoring) return false;
        foreach (Deployment deployment in deployments)
        {
            foreach (TaskRunner runner in deployment.Runners)
            {
                if (!runner.IsIdle) return false;
            }
        }

        return true;
    }

    private async Task CommitLoopAsync()
    {
        while (!isStopping && !completion.Task.IsCompleted)
        {
            using (options.Clock.CreateTimer(static signal => ((Signal)signal!).Set(), commitSignal, options.CommitInterval, Timeout.InfiniteTimeSpan))
                await commitSignal.WaitAsync();
            if (isStopping) return;
            try
            {
                if (change is { } due) await ApplyAsync(due);
                StartRestored();
                await committer.SealAsync();
                await committer.CommitAsync(producer!);
                Mirror();
                Purge();
                TellStuck();
                Watch();
            }
            catch (BrokerException failure)
            {
                if (!await RecoverAsync(failure)) return;
            }
        }
    }

    /// <summary>Copies each deployment's offsets to a group of its own now and then, where ordinary tools show its lag; nothing depends on it, and no commit waits for it.</summary>
    private void Mirror()
    {
        if (!mirroring.IsDue) return;
        // Taken now: the progress is the commit loop's.
        (Deployment Deployment, List<OffsetCommit> Offsets)[] taken = [.. deployments.Select(deployment => (deployment, committer.OffsetsOf(deployment))).Where(static one => one.Item2.Count > 0)];
        mirroring.Begin(() => StartLoop(() => MirrorAsync(taken)));
    }

    private async Task MirrorAsync((Deployment Deployment, List<OffsetCommit> Offsets)[] taken)
    {
        foreach ((Deployment deployment, List<OffsetCommit> offsets) in taken)
        {
            try
            {
                await broker.CommitOffsetsAsync($"{options.Application}.{deployment.Name}", offsets);
            }
            catch (BrokerException failure)
            {
                // Nothing depends on it; but what an administrator has to allow is said once.
                LogLevel level = failure.IsFatal && unmirrored.Add(deployment.Name) ? LogLevel.Warning : LogLevel.Debug;
                WorkerLog.MirrorFailed(logger, level, deployment.Name, failure.Message);
            }
        }
    }

    /// <summary>Deletes now and then what is handled and committed in the topics through which deployments pass records to themselves, which would grow for ever; no commit waits for it.</summary>
    private void Purge()
    {
        if (!purging.IsDue) return;
        var starts = new List<PartitionStart>();
        foreach (Deployment deployment in deployments)
        {
            IReadOnlySet<string> passages = topics.PassagesOf(deployment);
            foreach (TaskInput input in deployment.Runners.SelectMany(static runner => runner.Inputs))
            {
                if (passages.Contains(input.Topic) && input.Committed > purged.GetValueOrDefault((input.Topic, input.Partition))) starts.Add(new PartitionStart(input.Topic, input.Partition, input.Committed));
            }
        }

        purging.Begin(() => starts.Count == 0 ? Task.CompletedTask : StartLoop(() => PurgeAsync(starts)));
    }

    private async Task PurgeAsync(List<PartitionStart> starts)
    {
        try
        {
            await broker.DeleteRecordsAsync(starts);
            foreach (PartitionStart start in starts) purged[(start.Topic, start.Partition)] = start.Offset;
        }
        catch (BrokerException failure)
        {
            // The topics only grow; but what an administrator has to allow is said once.
            LogLevel level = failure.IsFatal && !isToldUnpurged ? LogLevel.Warning : LogLevel.Debug;
            isToldUnpurged |= failure.IsFatal;
            WorkerLog.PurgeFailed(logger, level, failure.Message);
        }
    }

    /// <summary>Looks whether everything moves; no commit waits for it.</summary>
    private void Watch()
    {
        if (!watching.IsDue) return;
        TaskRunner[] running = [.. deployments.SelectMany(static deployment => deployment.Runners)];
        watching.Begin(() => StartLoop(() => watchdog.LookAsync(running)));
    }

    /// <summary>Names tasks that have been in a handler for so long that it looks as if it would not return.</summary>
    private void TellStuck()
    {
        foreach (Deployment deployment in deployments)
        {
            foreach (TaskRunner runner in deployment.Runners)
            {
                TimeSpan busy = options.Clock.GetElapsedTime(runner.AnsweredAt);
                bool isStuck = busy >= options.StuckAfter;
                if (isStuck && !runner.IsToldStuck) WorkerLog.Stuck(logger, deployment.Name, runner.Partition, busy.TotalSeconds);
                runner.IsToldStuck = isStuck;
            }
        }
    }

    /// <summary>After a commit of which nothing certain is known: a new producer fences the old one, then the committed progress decides.</summary>
    private async Task<bool> RecoverAsync(BrokerException failure)
    {
        bool isLost = failure.IsGroupLost;
        if (isLost) await LoseAsync(failure.Message);
        else WorkerLog.CommitFailed(logger, failure.Message);
        foreach (Shard shard in shards) shard.EndReading();
        foreach (Shard shard in shards) await shard.ReadersEndedAsync();
        while (!isStopping)
        {
            try
            {
                if (failure.IsFatal) break;
                if (producer is not null) await producer.DisposeAsync();
                producer = null;
                producer = await broker.OpenProducerAsync(TransactionalId, topics.Known);
                if (!isLost) await WatchedAsync(progressLog.ReadOnAsync());
                bool happened = options.PresumedOutcome ?? committer.Happened(progressLog);
                await RewindAsync(happened);
                foreach (Shard shard in shards.Where(static shard => shard.IsRunning))
                {
                    progressLog.CopyTo(committer.Progress, shard.Inputs);
                    shard.StartReaders(StartLoop, readerContext, options.TaskCapacityBatches);
                }

                committer.Forget();
                if (!isLost) WorkerLog.Recovered(logger, happened ? "was committed" : "was not committed and is done again");
                return true;
            }
            catch (BrokerException again)
            {
                failure = again;
                WorkerLog.RecoveryFailed(logger, again.Message);
                if (!again.IsFatal) await Task.Delay(options.RecoveryDelay, options.Clock);
            }
        }

        Fail(failure);
        return false;
    }

    /// <summary>Waits for something while which the commit loop does not look whether everything moves.</summary>
    private async Task WatchedAsync(Task awaited)
    {
        while (!awaited.IsCompleted)
        {
            await Task.WhenAny(awaited, Task.Delay(options.RecoveryDelay, options.Clock));
            Watch();
        }

        await awaited;
    }

    private async Task RewindAsync(bool isSealedCommitted)
    {
        var requests = new List<RewindRequest>();
        foreach (Deployment deployment in deployments)
        {
            foreach (TaskRunner runner in deployment.Runners)
            {
                bool isMember = committer.Members.Any(member => ReferenceEquals(member.Runner, runner));
                var request = new RewindRequest(isSealedCommitted && isMember);
                requests.Add(request);
                runner.Post(new TaskMessage(TaskMessageKind.Rewind, Rewind: request));
            }
        }

        foreach (RewindRequest request in requests) await request.Done.Task;
    }

    private void OnReadFailure(PartitionReader reader, BrokerException failure)
    {
        if (failure.IsFatal)
        {
            Fail(failure);
            return;
        }

        // All partitions of a topic fail together, twice a second: one line in a while stands for them.
        long now = options.Clock.GetTimestamp();
        if (readFailures.TryGetValue(reader.Topic, out long told) && options.Clock.GetElapsedTime(told, now) < RepeatInterval) return;
        readFailures[reader.Topic] = now;
        WorkerLog.ReadFailed(logger, reader.Topic, reader.Partition, failure.Message);
    }
}
