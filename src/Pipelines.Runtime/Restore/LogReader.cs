using Pipelines.Execution;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Reading;

namespace Pipelines.Runtime.Restore;

/// <summary>Reads what is committed of a partition, up to where it ended when the reading began.</summary>
/// <remarks>
/// It ends by position: control records and compaction leave gaps, so the last record seen says nothing. The end is that of all records, those of open transactions too: when it is reached,
/// every transaction that had written before is decided, so nothing that a former owner of the partition committed is missed.
/// </remarks>
internal static class LogReader
{
    /// <summary>Reads the committed records from an offset on.</summary>
    /// <param name="context">How to read.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="from">The first offset wanted.</param>
    /// <param name="handler">Gets batches in order; they are not its own.</param>
    /// <returns>The records read, and the offset at which reading ended.</returns>
    internal static async Task<(long Records, long End)> ReadAsync(ReaderContext context, string topic, int partition, long from, Action<RecordBatch> handler)
    {
        PartitionRange range = await context.Broker.GetRangeAsync(topic, partition);
        var cutter = new BatchCutter(context.Pool, topic, partition);
        long offset = Math.Max(from, range.Start);
        long records = 0;
        var reading = new LogReading(topic, partition, offset, range.Written, context.Clock);
        context.Readings.TryAdd(reading, default);
        // The next fetch is under way while the records of one are handled.
        Task<FetchedBatches>? next = null;
        try
        {
            while (offset < range.Written)
            {
                if (context.IsStopping) throw new BrokerException($"Reading {topic}/{partition} was given up, for the worker stops.", isFatal: false);
                Task<FetchedBatches> present = next ?? FetchAsync(offset);
                next = null;
                FetchedBatches fetched = await present;
                if (offset < fetched.Start) offset = reading.Position = fetched.Start;
                RecordBatch? batch = cutter.Cut(fetched, offset);
                if (batch is null) continue;
                if (batch.NextOffset < range.Written) next = FetchAsync(batch.NextOffset);
                try
                {
                    handler(batch);
                    records += batch.Count;
                    offset = reading.Position = batch.NextOffset;
                }
                finally
                {
                    batch.Release();
                }
            }
        }
        finally
        {
            context.Readings.TryRemove(reading, out _);
            if (next is not null) await DropAsync(next);
        }

        return (records, offset);

        Task<FetchedBatches> FetchAsync(long at) => context.Broker.FetchAsync(topic, partition, at, context.FetchBytes, context.FetchWait).AsTask();
    }

    /// <summary>Gives back what nobody wants any more.</summary>
    private static async Task DropAsync(Task<FetchedBatches> unwanted)
    {
        try
        {
            (await unwanted).Dispose();
        }
        catch (BrokerException)
        {
            // Whoever reads again meets it again, if it lasts.
        }
    }
}
