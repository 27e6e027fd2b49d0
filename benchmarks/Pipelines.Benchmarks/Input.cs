using Pipelines.Execution;

namespace Pipelines.Benchmarks;

/// <summary>The same trades as encoded batches and as decoded structs.</summary>
internal sealed class Input
{
    internal const int BatchRecords = 256;

    internal Input(int records, int accounts)
    {
        var random = new Random(1);
        Trades = new Trade[records];
        for (int i = 0; i < records; i++) Trades[i] = new Trade(random.Next(accounts), random.Next(100), random.Next(1, 50), 1_700_000_000_000 + i);
        Batches = [.. Trades.Chunk(BatchRecords).Select(static (trades, index) => Encode(trades, (long)index * BatchRecords))];
    }

    internal Trade[] Trades { get; }

    internal RecordBatch[] Batches { get; }

    private static RecordBatch Encode(Trade[] trades, long baseOffset)
    {
        var bytes = new EncodeBuffer(16 * 1024);
        var entries = new RecordEntry[trades.Length];
        for (int i = 0; i < trades.Length; i++)
        {
            int key = bytes.Length;
            Trade.WriteKey(in trades[i], bytes);
            int value = bytes.Length;
            Trade.WriteValue(in trades[i], bytes);
            entries[i] = new RecordEntry(baseOffset + i, trades[i].AtMs, key, value - key, value, bytes.Length - value, bytes.Length, 0);
        }

        var batch = new RecordBatch();
        batch.Reset("trades", 0, bytes.Written.ToArray(), entries, entries.Length, baseOffset + trades.Length);
        return batch;
    }
}
