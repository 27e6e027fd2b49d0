using Pipelines.Execution;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Reading;

namespace Pipelines.Runtime.Restore;

/// <summary>Reads a partition from its start to where it ended when the reading began.</summary>
/// <remarks>It ends by position: control records and compaction leave gaps, so the last record seen says nothing.</remarks>
internal static class LogReader
{
    /// <summary>Called with each record, in order.</summary>
    internal delegate void RecordHandler(RecordBatch batch, in RecordEntry entry);

    /// <summary>Reads all committed records.</summary>
    /// <returns>The records read, and the offset at which reading ended.</returns>
    internal static async Task<(long Records, long End)> ReadAsync(ReaderContext context, string topic, int partition, RecordHandler handler)
    {
        PartitionRange range = await context.Broker.GetRangeAsync(topic, partition);
        var cutter = new BatchCutter(context.Pool, topic, partition);
        long offset = range.Start;
        long records = 0;
        while (offset < range.End)
        {
            FetchedBatches fetched = await context.Broker.FetchAsync(topic, partition, offset, context.FetchBytes, context.FetchWait);
            if (offset < fetched.Start) offset = fetched.Start;
            RecordBatch? batch = cutter.Cut(fetched, offset);
            if (batch is null) continue;
            try
            {
                for (int i = 0; i < batch.Count; i++) handler(batch, in batch.Entries[i]);
                records += batch.Count;
                offset = batch.NextOffset;
            }
            finally
            {
                batch.Release();
            }
        }

        return (records, offset);
    }
}
