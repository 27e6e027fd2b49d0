using System.Collections.Concurrent;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Shards;
using Pipelines.Runtime.Tasks;

namespace Pipelines.Runtime;

/// <content>What the group gives and takes.</content>
/// <remarks>
/// The group loop joins and waits; what it hears it hands to the commit loop, and joins again only when that has done it. So a partition is given back when its last
/// commit is over, and never before.
/// </remarks>
public sealed partial class PipelineWorker
{
    private static readonly TimeSpan PatienceWithHandlers = TimeSpan.FromSeconds(2);

    private readonly ConcurrentQueue<Shard> restored = new();
    private volatile GroupChange? change;
    // Replaced, never changed: other loops walk it.
    private volatile Shard[] shards = [];
    private bool hasJoined;

    /// <summary>What the group wants, and whom to tell that it is done.</summary>
    /// <param name="Assigned">The partitions that the worker is to hold; null when all are lost.</param>
    private sealed record GroupChange(IReadOnlyList<PartitionId>? Assigned)
    {
        /// <summary>Completed when it is done; true when partitions were given back, so that the group has to be joined without them.</summary>
        internal TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private bool IsRestoring => shards.Any(static shard => !shard.IsRunning);

    private async Task GroupLoopAsync()
    {
        while (!isStopping)
        {
            try
            {
                IReadOnlyList<PartitionId>? assigned = await member.JoinAsync([.. shards.SelectMany(static shard => shard.Inputs)]);
                if (await HandOverAsync(new GroupChange(assigned)) || assigned is null) continue;
                if (!await member.ChangedAsync()) await HandOverAsync(new GroupChange(Assigned: null));
            }
            catch (BrokerException failure)
            {
                if (isStopping) return;
                if (failure.IsFatal)
                {
                    Fail(failure);
                    return;
                }

                WorkerLog.JoinFailed(logger, failure.Message);
                await Task.Delay(options.RecoveryDelay, options.Clock);
            }
        }
    }

    private async Task<bool> HandOverAsync(GroupChange due)
    {
        if (isStopping) return false;
        change = due;
        commitSignal.Set();
        // The commit loop may have ended in between.
        return !isStopping && await due.Done.Task;
    }

    private async Task ApplyAsync(GroupChange due)
    {
        bool released = false;
        if (due.Assigned is null)
        {
            await LoseAsync("the group has gone on without this worker");
        }
        else
        {
            List<Shard> wanted = shardMap.Find(due.Assigned);
            List<Shard> leaving = [.. shards.Where(shard => !wanted.Exists(other => IsSame(other, shard)))];
            List<Shard> coming = wanted.FindAll(shard => !shards.Any(other => IsSame(other, shard)));
            if (leaving.Count + coming.Count > 0) WorkerLog.Assigned(logger, Names(coming), Names(leaving));
            released = leaving.Count > 0;
            if (released) await ReleaseAsync(leaving);
            shards = [.. shards, .. coming];
            hasJoined = true;
            if (coming.Count > 0) toRestore.Writer.TryWrite(coming);
        }

        change = null;
        due.Done.TrySetResult(released);
        TellStarted();
    }

    /// <summary>Commits what is ready and drops the rest.</summary>
    private async Task ReleaseAsync(List<Shard> leaving)
    {
        foreach (Shard shard in leaving)
        {
            if (!shard.IsRunning) continue;
            foreach ((_, TaskRunner runner) in shard.Tasks) runner.IsPaused = true;
            shard.EndReading();
        }

        await committer.SealAsync();
        await committer.CommitAsync(producer!);
        foreach (Shard shard in leaving) await DropAsync(shard);
    }

    /// <summary>Drops everything that is not committed: it is others' by now.</summary>
    private async Task LoseAsync(string reason)
    {
        if (shards.Length > 0) WorkerLog.Lost(logger, shards.Length, reason);
        committer.Forget();
        foreach (Shard shard in options.DropsLost ? shards : []) await DropAsync(shard);
        member.Lose();
        // What the group wanted before is out of date.
        GroupChange? stale = change;
        change = null;
        stale?.Done.TrySetResult(true);
    }

    private async Task DropAsync(Shard shard)
    {
        shards = [.. shards.Where(other => !ReferenceEquals(other, shard))];
        if (!shard.IsRunning)
        {
            // The restoring loop is busy with its tasks, and lets it go when it is done.
            shard.Abandon();
            return;
        }

        foreach ((Deployment deployment, TaskRunner runner) in shard.Tasks) deployment.Remove(runner);
        ShareMemory();
        foreach (TaskRunner stuck in await shard.DropAsync(options.Clock, PatienceWithHandlers))
            WorkerLog.LeftBehind(logger, shard.Tasks.Find(task => ReferenceEquals(task.Runner, stuck)).Deployment.Name, shard.Partition);
    }

    private void StartRestored()
    {
        while (restored.TryDequeue(out Shard? shard))
        {
            if (shard.IsDropped) continue;
            progressLog.CopyTo(committer.Progress, shard.Inputs);
            shard.Tasks.RemoveAll(static task => task.Deployment.Status == DeploymentStatus.Stopped);
            foreach ((Deployment deployment, TaskRunner runner) in shard.Tasks) deployment.Add(runner);
            ShareMemory();
            shard.Start(StartLoop, readerContext, options.TaskCapacityBatches);
        }

        TellStarted();
    }

    private void ShareMemory()
    {
        epochs.Divide(deployments.Sum(static deployment => deployment.Runners.Count));
        fetches.Divide(shards.Sum(static shard => shard.Inputs.Count));
    }

    /// <summary>The worker has started when all that the group gave it first runs.</summary>
    private void TellStarted()
    {
        if (started.Task.IsCompleted || !hasJoined || change is not null || IsRestoring) return;
        foreach (Deployment deployment in deployments) deployment.Started();
        started.TrySetResult();
    }

    private async Task EndMembershipAsync()
    {
        // The loop may wait for an answer from the commit loop, which has ended.
        change?.Done.TrySetResult(false);
        change = null;
        if (member is null) return;
        await member.LeaveAsync();
        if (groupLoop is not null) await groupLoop;
        await member.DisposeAsync();
    }

    private static bool IsSame(Shard one, Shard other) => one.Set == other.Set && one.Partition == other.Partition;

    private static string Names(IEnumerable<Shard> shards) =>
        string.Join(", ", shards.SelectMany(static shard => shard.Inputs).Select(static input => $"{input.Topic}/{input.Partition}").DefaultIfEmpty("none"));
}
