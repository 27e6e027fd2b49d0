using Pipelines.Execution;

namespace Pipelines.Testing;

/// <summary>A record as a test's broker keeps it.</summary>
/// <param name="Key">The key's bytes, or null.</param>
/// <param name="Value">The value's bytes, or null for a tombstone.</param>
/// <param name="TimestampMs">Unix milliseconds.</param>
/// <param name="Headers">The headers as the record format frames them.</param>
/// <param name="HeaderCount">Their number.</param>
internal sealed record MemoryRecord(byte[]? Key, byte[]? Value, long TimestampMs, byte[] Headers, int HeaderCount);

/// <summary>Partitions in memory: what the broker is to a test.</summary>
internal sealed class MemoryLog
{
    private readonly Dictionary<string, List<MemoryRecord>[]> topics = new(StringComparer.Ordinal);

    internal IReadOnlyCollection<string> Topics => topics.Keys;

    internal void Ensure(string topic, int partitions)
    {
        if (topics.ContainsKey(topic)) return;
        var made = new List<MemoryRecord>[partitions];
        for (int i = 0; i < partitions; i++) made[i] = [];
        topics.Add(topic, made);
    }

    internal bool Has(string topic) => topics.ContainsKey(topic);

    internal int PartitionsOf(string topic) => topics[topic].Length;

    internal List<MemoryRecord> Partition(string topic, int partition) => topics[topic][partition];

    /// <summary>A batch of the records from <paramref name="start"/> on, as a reader would cut it.</summary>
    internal RecordBatch Read(string topic, int partition, int start)
    {
        List<MemoryRecord> records = Partition(topic, partition);
        var bytes = new EncodeBuffer();
        var entries = new RecordEntry[records.Count - start];
        for (int i = start; i < records.Count; i++)
        {
            MemoryRecord record = records[i];
            int key = bytes.Length;
            bytes.Write(record.Key);
            int value = bytes.Length;
            bytes.Write(record.Value);
            int headers = bytes.Length;
            bytes.Write(record.Headers);
            entries[i - start] = new RecordEntry(
                i, record.TimestampMs, key, record.Key?.Length ?? -1, value, record.Value?.Length ?? -1, headers, record.HeaderCount);
        }

        var batch = new RecordBatch();
        batch.Reset(topic, partition, bytes.Written.ToArray(), entries, entries.Length, records.Count);
        return batch;
    }

    /// <summary>Appends what a task has sealed for one partition.</summary>
    internal void Append(OutputPartition output)
    {
        List<MemoryRecord> target = Partition(output.Topic, output.Partition);
        foreach (PendingBatch batch in output.Sealed.Batches)
        {
            var cursor = new FramedRecords(batch.Bytes.Span[RecordBuffer.HeaderBytes..], batch.BaseTimestamp);
            for (int i = 0; i < batch.Count; i++) target.Add(cursor.Next());
        }
    }
}
