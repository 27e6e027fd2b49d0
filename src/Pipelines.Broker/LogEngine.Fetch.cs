using Pipelines.Broker.Log;

namespace Pipelines.Broker;

/// <content>Reads of several partitions at once.</content>
public sealed partial class LogEngine
{
    /// <summary>Reads whole batches of several partitions; waits for data when there is too little.</summary>
    /// <param name="parts">What to read, in the order in which the bytes are given out.</param>
    /// <param name="maxBytes">About how much to read of all; one batch comes whatever its size.</param>
    /// <param name="readCommitted">True to end before the first open transaction of each.</param>
    /// <param name="maxWait">How long to wait. Nothing is waited for when a part cannot be read.</param>
    /// <param name="minBytes">How many bytes to wait for, of all together.</param>
    /// <param name="gone">Ends the wait: nobody is there any more to be answered.</param>
    /// <returns>A result for each part; dispose of all of them.</returns>
    /// <exception cref="StorageFailedException">The storage has failed, or the engine was closed.</exception>
    public async Task<FetchResult[]> FetchAsync(IReadOnlyList<FetchPart> parts, int maxBytes, bool readCommitted, TimeSpan maxWait, int minBytes = 1, CancellationToken gone = default)
    {
        ArgumentNullException.ThrowIfNull(parts);
        long began = maxWait > TimeSpan.Zero ? options.Clock.GetTimestamp() : 0;
        while (true)
        {
            ThrowIfOver();
            FetchResult[] results = ReadAll(parts, maxBytes, readCommitted, out long total, out bool isRefused);
            TimeSpan left = maxWait > TimeSpan.Zero ? maxWait - options.Clock.GetElapsedTime(began) : TimeSpan.Zero;
            if (isRefused || total >= minBytes || total >= maxBytes || left <= TimeSpan.Zero || parts.Count == 0 || gone.IsCancellationRequested) return results;
            foreach (FetchResult result in results) result.Dispose();
            await WaitAsync(parts, results, readCommitted, left, gone);
        }
    }

    private FetchResult[] ReadAll(IReadOnlyList<FetchPart> parts, int maxBytes, bool readCommitted, out long total, out bool isRefused)
    {
        var results = new FetchResult[parts.Count];
        maxBytes = fetchMemory.Limit(maxBytes);
        total = 0;
        isRefused = false;
        int done = 0;
        try
        {
            for (; done < results.Length; done++)
            {
                results[done] = Read(parts[done], (int)Math.Min(int.MaxValue, maxBytes - total), readCommitted);
                total += results[done].Length;
                isRefused |= results[done].Error != ErrorCode.None;
            }
        }
        catch
        {
            for (int i = 0; i < done; i++) results[i].Dispose();
            throw;
        }

        return results;
    }

    private FetchResult Read(FetchPart part, int maxBytes, bool readCommitted)
    {
        if (state.FindLog(part.Partition) is not { } log || log.IsDeleted) return FetchResult.Of(ErrorCode.UnknownTopicOrPartition, null);
        // Looked at before the offsets are compared: they only grow.
        long limit = Limit(log, readCommitted);
        if (part.Offset < log.StartOffset || part.Offset > log.HighWatermark) return FetchResult.Of(ErrorCode.OffsetOutOfRange, log);
        return part.Offset < limit && maxBytes > 0
            ? Read(log, part.Offset, limit, Math.Min(maxBytes, part.MaxBytes), readCommitted)
            : FetchResult.Of(ErrorCode.None, log);
    }

    /// <summary>Until one of the partitions has more than was read of it.</summary>
    private async Task WaitAsync(IReadOnlyList<FetchPart> parts, FetchResult[] results, bool readCommitted, TimeSpan maxWait, CancellationToken gone)
    {
        var woken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waits = new List<(PartitionLog Log, FetchWait Wait)>(parts.Count);
        for (int i = 0; i < parts.Count; i++)
        {
            if (state.FindLog(parts[i].Partition) is not { } log) continue;
            var wait = new FetchWait(Math.Max(parts[i].Offset, readCommitted ? results[i].StableOffset : results[i].HighWatermark), readCommitted, woken);
            log.AddWait(wait);
            waits.Add((log, wait));
        }

        // Looked at after they were added: an engine that ended before would not wake them.
        if (isStopping || failure is not null) woken.TrySetResult();
        using (gone.UnsafeRegister(static waiting => ((TaskCompletionSource)waiting!).TrySetResult(), woken))
        using (options.Clock.CreateTimer(static waiting => ((TaskCompletionSource)waiting!).TrySetResult(), woken, maxWait, Timeout.InfiniteTimeSpan))
            await woken.Task;
        foreach ((PartitionLog log, FetchWait wait) in waits) log.RemoveWait(wait);
    }
}

/// <summary>A part of a read of several partitions.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The first offset wanted; the first batch may begin before it.</param>
/// <param name="MaxBytes">About how much to read of it.</param>
public readonly record struct FetchPart(TopicPartition Partition, long Offset, int MaxBytes);
