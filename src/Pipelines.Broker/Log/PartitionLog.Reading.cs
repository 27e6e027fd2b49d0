using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Log;

/// <content>Reading, which needs no turn on the engine's loop: what is served does not change any more.</content>
internal sealed partial class PartitionLog
{
    /// <summary>Reads whole batches from the one that holds <paramref name="offset"/> to before <paramref name="limit"/>.</summary>
    /// <param name="offset">The first offset wanted, below <paramref name="limit"/>.</param>
    /// <param name="limit">Batches that begin here or later are not read.</param>
    /// <param name="maxBytes">About how much to read; one batch comes whatever its size.</param>
    /// <param name="buffer">Where to; it grows as needed.</param>
    /// <param name="nextOffset">The offset after the last batch read.</param>
    /// <returns>The bytes read.</returns>
    internal int Read(long offset, long limit, int maxBytes, FetchBuffer buffer, out long nextOffset)
    {
        nextOffset = offset;
        (Segment segment, long position, long end) = Locate(offset);
        position = Seek(segment, position, end, offset);
        // Behind the last batch of a compacted segment: on to the next one, which begins later.
        while (position >= end)
        {
            Segment former = segment;
            if (Array.Find(segments, other => other.BaseOffset > former.BaseOffset) is not { } next) return 0;
            segment = next;
            position = 0;
            lock (gate) end = segment.Size;
        }

        RecordBatchHeader first = ReadHeader(segment, position, end);
        int wanted = (int)Math.Min(Math.Max(maxBytes, first.TotalSize), end - position);
        buffer.EnsureSize(wanted);
        int read = segment.File.Read(buffer.Bytes.AsSpan(0, wanted), position);
        return Whole(buffer.Bytes.AsSpan(0, read), limit, ref nextOffset);
    }

    /// <summary>The first offset whose record's batch reaches a time, or -1.</summary>
    internal (long Offset, long Timestamp) FindTime(long timestamp, long limit)
    {
        foreach (Segment segment in segments)
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
                RecordBatchHeader header = ReadHeader(segment, position, end);
                if (header.BaseOffset >= limit) return (-1, -1);
                if (header.MaxTimestamp >= timestamp && !header.IsControl && header.NextOffset > StartOffset && FindTime(segment, position, in header, timestamp) is { Offset: >= 0 } found)
                    return found;
                position += header.TotalSize;
            }
        }

        return (-1, -1);
    }

    /// <summary>The latest time of a record, or -1.</summary>
    internal long LatestTimestamp
    {
        get
        {
            long latest = -1;
            foreach (Segment segment in segments)
            {
                lock (gate) latest = Math.Max(latest, segment.Index.MaxTimestamp);
            }

            return latest;
        }
    }

    private (long Offset, long Timestamp) FindTime(Segment segment, long position, in RecordBatchHeader header, long timestamp)
    {
        // Inside a compressed batch only the batch's own times are known.
        if (header.Compression != 0) return (Math.Max(StartOffset, header.BaseOffset), header.MaxTimestamp);
        byte[] batch = new byte[header.TotalSize];
        int read = segment.File.Read(batch, position);
        var records = new RecordCursor(batch, RecordBatchHeader.Size, read, in header);
        while (records.MoveNext())
        {
            if (records.Timestamp >= timestamp && records.Offset >= StartOffset) return (records.Offset, records.Timestamp);
        }

        return (-1, -1);
    }

    private (Segment Segment, long Position, long End) Locate(long offset)
    {
        Segment[] all = segments;
        int low = 0;
        int high = all.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            if (all[middle].BaseOffset <= offset) low = middle;
            else high = middle - 1;
        }

        lock (gate) return (all[low], all[low].Index.PositionOf(offset), all[low].Size);
    }

    /// <summary>Fetches whose offset becomes readable are woken.</summary>
    internal void AddWait(FetchWait wait)
    {
        lock (gate)
        {
            // What came before it was added would not wake it.
            if (wait.Offset < (wait.ReadCommitted ? stableOffset : highWatermark)) wait.Wake();
            else waits.Add(wait);
        }
    }

    internal void RemoveWait(FetchWait wait)
    {
        lock (gate) waits.Remove(wait);
    }

    /// <summary>No fetch waits any longer: nothing more will come.</summary>
    internal void WakeAll()
    {
        lock (gate)
        {
            foreach (FetchWait wait in waits) wait.Wake();
            waits.Clear();
        }
    }

    /// <summary>Aborted transactions that overlap an offset range, by first offset.</summary>
    internal AbortedRange[] AbortedIn(long from, long to)
    {
        lock (gate) return producers.Transactions.AbortedIn(from, to);
    }

    private static long Seek(Segment segment, long position, long end, long offset)
    {
        while (position < end)
        {
            RecordBatchHeader header = ReadHeader(segment, position, end);
            if (header.NextOffset > offset) break;
            position += header.TotalSize;
        }

        return position;
    }

    /// <summary>The header of a batch that is known to be there.</summary>
    /// <exception cref="IOException">It is not: somebody else changed the file.</exception>
    private static RecordBatchHeader ReadHeader(Segment segment, long position, long end)
    {
        Span<byte> head = stackalloc byte[RecordBatchHeader.Size];
        int read = segment.File.Read(head, position);
        if (!RecordBatchHeader.TryRead(head[..read], out RecordBatchHeader header) || !header.FitsInto(end - position))
            throw new IOException($"{segment.Path} was changed from outside at byte {position}: a batch that was written there is not there any more");
        return header;
    }

    /// <summary>The length of the whole batches below the limit.</summary>
    private static int Whole(ReadOnlySpan<byte> bytes, long limit, ref long nextOffset)
    {
        int position = 0;
        while (RecordBatchHeader.TryRead(bytes[position..], out RecordBatchHeader header))
        {
            if (!header.FitsInto(bytes.Length - position) || header.BaseOffset >= limit) break;
            position += header.TotalSize;
            nextOffset = header.NextOffset;
        }

        return position;
    }
}
