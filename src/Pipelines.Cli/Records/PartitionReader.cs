using System.Text;
using Pipelines.Broker.Log;
using Pipelines.Protocol.Compression;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;

namespace Pipelines.Cli.Records;

/// <summary>Takes the records out of a partition's batches, in order, and leaves out what was aborted.</summary>
internal sealed class PartitionReader(TopicPartition id, long position)
{
    /// <summary>The partition.</summary>
    internal TopicPartition Id { get; } = id;

    /// <summary>The offset to read next.</summary>
    internal long Position { get; set; } = position;

    /// <summary>The records of an answer.</summary>
    /// <param name="data">The answer, for this partition.</param>
    /// <exception cref="CorruptBatchException">A batch is damaged.</exception>
    internal IEnumerable<ConsumedRecord> Read(FetchResponse.PartitionData data)
    {
        ReadOnlyMemory<byte> bytes = data.Records ?? default;
        // A producer's transactions are aborted from their first offset to the next marker of that producer.
        var toCome = new Queue<FetchResponse.AbortedTransaction>((data.AbortedTransactions ?? []).OrderBy(static transaction => transaction.FirstOffset));
        var aborted = new HashSet<long>();
        // The last batch may be cut off: a broker fills what was asked for to the brim.
        while (RecordBatchHeader.TryRead(bytes.Span, out RecordBatchHeader header) && header.FitsInto(bytes.Length))
        {
            ReadOnlyMemory<byte> batch = bytes[..header.TotalSize];
            bytes = bytes[header.TotalSize..];
            Check(header, batch.Span);
            while (toCome.TryPeek(out FetchResponse.AbortedTransaction? next) && next.FirstOffset <= header.LastOffset) aborted.Add(toCome.Dequeue().ProducerId);
            if (header.IsControl) aborted.Remove(header.ProducerId);
            else if (!header.IsTransactional || !aborted.Contains(header.ProducerId))
                foreach (ConsumedRecord record in Records(header, batch[RecordBatchHeader.Size..])) yield return record;
            Position = Math.Max(Position, header.NextOffset);
        }
    }

    private IEnumerable<ConsumedRecord> Records(RecordBatchHeader header, ReadOnlyMemory<byte> packed)
    {
        ReadOnlyMemory<byte> records = BatchDecompressor.Decompress(header, packed);
        // The cursor looks into a span, which does not live across a yield.
        var found = new List<ConsumedRecord>(Math.Min(header.RecordCount, records.Length));
        var cursor = new RecordCursor(records.Span, 0, records.Length, header);
        while (cursor.MoveNext())
        {
            if (cursor.Offset < Position) continue;
            found.Add(new ConsumedRecord(
                Id, cursor.Offset, cursor.Timestamp, Part(records, cursor.KeyStart, cursor.KeyLength), Part(records, cursor.ValueStart, cursor.ValueLength), Headers(records, cursor.HeadersStart, cursor.HeaderCount)));
        }

        foreach (ConsumedRecord record in found)
        {
            Position = record.Offset + 1;
            yield return record;
        }
    }

    private static ReadOnlyMemory<byte>? Part(ReadOnlyMemory<byte> records, int start, int length) => length < 0 ? (ReadOnlyMemory<byte>?)null : records.Slice(start, length);

    private static IReadOnlyList<(string, ReadOnlyMemory<byte>?)> Headers(ReadOnlyMemory<byte> records, int at, int count)
    {
        if (count == 0) return [];
        var headers = new (string, ReadOnlyMemory<byte>?)[count];
        for (int i = 0; i < count; i++)
        {
            // The cursor has seen that they are whole.
            ReadOnlyMemory<byte> name = Next(records, ref at) ?? default;
            headers[i] = (Encoding.UTF8.GetString(name.Span), Next(records, ref at));
        }

        return headers;
    }

    private static ReadOnlyMemory<byte>? Next(ReadOnlyMemory<byte> records, ref int at)
    {
        Varint.TryReadInt32(records.Span[at..], out int length, out int read);
        at += read;
        if (length < 0) return null;
        at += length;
        return records.Slice(at - length, length);
    }

    private void Check(in RecordBatchHeader header, ReadOnlySpan<byte> batch)
    {
        if (header.Magic != 2) throw new CommandException($"Partition {Id.Partition} of '{Id.Topic}' holds records in the old format {header.Magic} at offset {header.BaseOffset}; only format 2 (since Kafka 0.11) is read.");
        if (!BatchSeal.HasRightChecksum(batch)) throw new CorruptBatchException($"The batch at offset {header.BaseOffset} of partition {Id.Partition} of '{Id.Topic}' is damaged: its checksum is wrong.", 0);
    }
}
