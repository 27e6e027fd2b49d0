using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Log;

/// <content>Reading, which needs no turn on the engine's loop: what is served does not change any more.</content>
internal sealed partial class PartitionLog
{
    /// <summary>Reads whole batches from the one that holds <paramref name="offset"/> to before <paramref name="limit"/>.</summary>
    /// <param name="offset">The first offset wanted, below <paramref name="limit"/>.</param>
    /// <param name="limit">Batches that begin here or later are not read.</param>
    /// <param name="maxBytes">About how much to read; one batch comes whatever its size.</param>
    /// <param name="buffer">Gives a buffer of at least the size asked for.</param>
    /// <param name="nextOffset">The offset after the last batch read.</param>
    /// <returns>The bytes read.</returns>
    internal int Read(long offset, long limit, int maxBytes, FetchBuffer buffer, out long nextOffset)
    {
        nextOffset = offset;
        (Segment segment, long position, long end) = Locate(offset);
        position = Seek(segment, position, end, offset);
        if (position >= end) return 0;
        Span<byte> head = stackalloc byte[RecordBatchHeader.Size];
        segment.File.Read(head, position);
        RecordBatchHeader.TryRead(head, out RecordBatchHeader first);
        int wanted = (int)Math.Min(Math.Max(maxBytes, first.TotalSize), end - position);
        buffer.EnsureSize(wanted);
        int read = segment.File.Read(buffer.Bytes.AsSpan(0, wanted), position);
        return Whole(buffer.Bytes.AsSpan(0, read), limit, ref nextOffset);
    }

    /// <summary>The first offset whose record's batch reaches a time, or -1.</summary>
    internal (long Offset, long Timestamp) FindTime(long timestamp, long limit)
    {
        Segment[] all;
        lock (gate) all = segments;
        Span<byte> head = stackalloc byte[RecordBatchHeader.Size];
        foreach (Segment segment in all)
        {
            long position;
            long end;
            lock (gate)
            {
                if (segment.Index.MaxTimestamp < timestamp) continue;
                position = segment.Index.PositionOfTime(timestamp);
                end = segment.Size;
            }

            while (position < end)
            {
                segment.File.Read(head, position);
                RecordBatchHeader.TryRead(head, out RecordBatchHeader header);
                if (header.BaseOffset >= limit) return (-1, -1);
                if (header.MaxTimestamp >= timestamp && !header.IsControl) return FindTime(segment, position, in header, timestamp);
                position += header.TotalSize;
            }
        }

        return (-1, -1);
    }

    private static (long Offset, long Timestamp) FindTime(Segment segment, long position, in RecordBatchHeader header, long timestamp)
    {
        // Inside a compressed batch only the batch's own times are known.
        if (header.Compression != 0) return (header.BaseOffset, header.MaxTimestamp);
        byte[] batch = new byte[header.TotalSize];
        segment.File.Read(batch, position);
        var records = new RecordCursor(batch, RecordBatchHeader.Size, batch.Length, in header);
        while (records.MoveNext())
        {
            if (records.Timestamp >= timestamp) return (records.Offset, records.Timestamp);
        }

        return (header.BaseOffset, header.MaxTimestamp);
    }

    private (Segment Segment, long Position, long End) Locate(long offset)
    {
        lock (gate)
        {
            int index = segments.Length - 1;
            while (index > 0 && segments[index].BaseOffset > offset) index--;
            Segment segment = segments[index];
            return (segment, segment.Index.PositionOf(offset), segment.Size);
        }
    }

    private static long Seek(Segment segment, long position, long end, long offset)
    {
        Span<byte> head = stackalloc byte[RecordBatchHeader.Size];
        while (position < end)
        {
            segment.File.Read(head, position);
            RecordBatchHeader.TryRead(head, out RecordBatchHeader header);
            if (header.NextOffset > offset) break;
            position += header.TotalSize;
        }

        return position;
    }

    /// <summary>The length of the whole batches below the limit.</summary>
    private static int Whole(ReadOnlySpan<byte> bytes, long limit, ref long nextOffset)
    {
        int position = 0;
        while (RecordBatchHeader.TryRead(bytes[position..], out RecordBatchHeader header))
        {
            if (header.TotalSize > bytes.Length - position || header.BaseOffset >= limit) break;
            position += header.TotalSize;
            nextOffset = header.NextOffset;
        }

        return position;
    }
}
