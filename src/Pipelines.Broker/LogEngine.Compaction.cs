using Pipelines.Broker.Compaction;
using Pipelines.Broker.Log;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker;

/// <content>What is done from time to time, beside what is asked for.</content>
public sealed partial class LogEngine
{
    private Task compaction = Task.CompletedTask;
    private int isCompacting;

    private void Housekeep()
    {
        requests.Writer.TryWrite(new EngineRequest<int>(static state => state.DeleteExpired()));
        if (isStopping || Interlocked.Exchange(ref isCompacting, 1) == 1) return;
        compaction = Task.Factory.StartNew(CompactAsync, CancellationToken.None, TaskCreationOptions.DenyChildAttach, options.Scheduler).Unwrap();
    }

    /// <summary>Compacts one partition after the other, until none needs it.</summary>
    private async Task CompactAsync()
    {
        // One that is damaged must not keep the others waiting.
        var givenUp = new HashSet<PartitionLog>();
        try
        {
            while (await Ask(state => state.PickCompaction(givenUp)) is { } job)
            {
                try
                {
                    if (!await CompactAsync(job)) break;
                }
                catch (Exception problem) when (problem is IOException and not StorageFailedException or CorruptBatchException)
                {
                    givenUp.Add(job.Log);
                    if (!job.Log.IsDeleted) options.OnCompactionFailed?.Invoke($"{job.Log.Id} was not compacted: {problem.Message.TrimEnd('.')}. The log is as it was, and the next round tries again.");
                }
            }
        }
        catch (Exception over) when (over is StorageFailedException or OperationCanceledException or ObjectDisposedException)
        {
            // The engine ends, or the segments were deleted.
        }
        finally
        {
            Volatile.Write(ref isCompacting, 0);
        }
    }

    /// <summary>Compacts a partition.</summary>
    /// <returns>False when segments were deleted meanwhile: the next round looks at what is left.</returns>
    private async Task<bool> CompactAsync(CompactionJob job)
    {
        var compactor = new LogCompactor(job, options, () => isStopping || failure is not null || job.Log.IsDeleted);
        foreach (IReadOnlyList<Segment> group in compactor.Groups())
        {
            long number = await Ask(static state => state.NewCompactionNumber());
            if (await compactor.RewriteAsync(group, number) is not { } compacted) continue;
            if (await Ask(state => state.Replace(job.Log, group, compacted))) continue;
            options.Disk.Delete(CompactedSegment.PathOf(job.Log.Folder, group[0].BaseOffset, number));
            return false;
        }

        return await Ask(state =>
        {
            job.Log.MarkCompacted(compactor.CleanTo);
            return new Outcome<bool>(true);
        });
    }
}
