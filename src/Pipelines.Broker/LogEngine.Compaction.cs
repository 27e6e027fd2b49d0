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
        CompactionJob? job = null;
        try
        {
            while ((job = await Ask(static state => state.PickCompaction())) is not null)
            {
                var compactor = new LogCompactor(job, options, () => isStopping || failure is not null || job.Log.IsDeleted);
                bool isDone = true;
                foreach (IReadOnlyList<Segment> group in compactor.Groups())
                {
                    long number = await Ask(static state => state.NewCompactionNumber());
                    if (await compactor.RewriteAsync(group, number) is not { } compacted) continue;
                    if (await Ask(state => state.Replace(job.Log, group, compacted))) continue;
                    options.Disk.Delete(CompactedSegment.PathOf(job.Log.Folder, group[0].BaseOffset, number));
                    isDone = false;
                    break;
                }

                // Segments were deleted meanwhile: the next round looks at what is left.
                if (!isDone) break;
                await Ask(state =>
                {
                    job.Log.MarkCompacted(compactor.CleanTo);
                    return new Outcome<bool>(true);
                });
            }
        }
        catch (Exception over) when (over is StorageFailedException or OperationCanceledException or ObjectDisposedException)
        {
            // The engine ends, or the segments were deleted.
        }
        catch (Exception problem) when (problem is IOException or CorruptBatchException)
        {
            if (job is { Log.IsDeleted: true }) return;
            options.OnCompactionFailed?.Invoke($"{job?.Log.Id} was not compacted: {problem.Message.TrimEnd('.')}. The log is as it was, and the next round tries again.");
        }
        finally
        {
            Volatile.Write(ref isCompacting, 0);
        }
    }
}
