using System.Text;
using Pipelines.Broker.Log;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Tests.Support;

/// <summary>A record as a reader sees it.</summary>
internal readonly record struct Seen(long Offset, string Value);

/// <summary>Batches of text records, and the read-committed reading of them.</summary>
internal static class Batches
{
    internal static byte[] Plain(params string[] values) => Of(BatchProducer.None, values);

    internal static byte[] Of(BatchProducer producer, params string[] values)
    {
        var writer = new RecordBatchWriter();
        foreach (string value in values) writer.Add(1_700_000_000_000, "key"u8, Encoding.UTF8.GetBytes(value));
        return writer.Complete(producer);
    }

    internal static byte[] Timed(params long[] timestamps)
    {
        var writer = new RecordBatchWriter();
        foreach (long timestamp in timestamps) writer.Add(timestamp, "key"u8, "value"u8);
        return writer.Complete(BatchProducer.None);
    }

    internal static byte[] Joined(params byte[][] batches) => [.. batches.SelectMany(static batch => batch)];

    /// <summary>The records of a fetch, without markers and aborted ones when it was read-committed.</summary>
    internal static List<Seen> Decode(FetchResult result, long from, bool readCommitted)
    {
        var seen = new List<Seen>();
        var aborting = new HashSet<long>();
        var aborted = new Queue<AbortedRange>(result.Aborted);
        ReadOnlySpan<byte> rest = result.Bytes.AsSpan(0, result.Length);
        while (rest.Length > 0)
        {
            Assert.True(RecordBatchHeader.TryRead(rest, out RecordBatchHeader header));
            Assert.True(header.FitsInto(rest.Length), "A fetch holds whole batches only");
            ReadOnlySpan<byte> batch = rest[..header.TotalSize];
            Assert.True(BatchSeal.HasRightChecksum(batch));
            while (aborted.TryPeek(out AbortedRange next) && next.FirstOffset <= header.LastOffset) aborting.Add(aborted.Dequeue().ProducerId);
            if (header.IsControl)
            {
                aborting.Remove(header.ProducerId);
            }
            else if (!readCommitted || !header.IsTransactional || !aborting.Contains(header.ProducerId))
            {
                var records = new RecordCursor(batch, RecordBatchHeader.Size, batch.Length, in header);
                while (records.MoveNext())
                {
                    if (records.Offset >= from) seen.Add(new Seen(records.Offset, Encoding.UTF8.GetString(batch.Slice(records.ValueStart, Math.Max(0, records.ValueLength)))));
                }
            }

            rest = rest[header.TotalSize..];
        }

        return seen;
    }

    /// <summary>Everything that a reader sees from an offset to the end, with the offset after it.</summary>
    internal static async Task<(List<Seen> Records, long Next)> ReadAllAsync(LogEngine engine, TopicPartition partition, long from = 0, bool readCommitted = true, int maxBytes = 4096)
    {
        var all = new List<Seen>();
        while (true)
        {
            using FetchResult result = await engine.FetchAsync(partition, from, maxBytes, readCommitted, TimeSpan.Zero);
            Assert.Equal(ErrorCode.None, result.Error);
            if (result.Length == 0) return (all, from);
            all.AddRange(Decode(result, from, readCommitted));
            ReadOnlySpan<byte> rest = result.Bytes.AsSpan(0, result.Length);
            while (RecordBatchHeader.TryRead(rest, out RecordBatchHeader header))
            {
                from = header.NextOffset;
                rest = rest[header.TotalSize..];
            }
        }
    }

    internal static async Task<string[]> ValuesAsync(LogEngine engine, TopicPartition partition, bool readCommitted = true) =>
        [.. (await ReadAllAsync(engine, partition, 0, readCommitted)).Records.Select(static record => record.Value)];
}
