using Pipelines.Broker.Recovery;
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
    /// <exception cref="DamagedBatchException">The offset's batch is not what was written; nothing of it is given out.</exception>
    internal int Read(long offset, long limit, int maxBytes, FetchBuffer buffer, out long nextOffset)
    {
        nextOffset = offset;
        (Segment segment, SegmentIndex.Entry entry, long end) = Locate(offset);
        (long position, long expected) = (entry.Position, entry.Offset);
        bool isDamaged = !TrySeek(segment, end, offset, ref position, ref expected);
        while (true)
        {
            if (isDamaged) (position, expected) = SeekThroughDamage(segment, EntryAt(segment, position), offset);
            // Behind the last batch of a compacted segment: on to the next one, which begins later.
            while (position >= end)
            {
                Segment former = segment;
                if (Array.Find(segments, other => other.BaseOffset > former.BaseOffset) is not { } next) return 0;
                segment = next;
                position = 0;
                lock (gate) (end, expected) = (segment.Size, segment.Index.EntryAt(0).Offset);
            }

            long behind = expected;
            int read = Fill(segment, position, end, maxBytes, buffer);
            int length = Verify(buffer.Bytes.AsSpan(0, read), limit, ref behind, out isDamaged);
            if (length > 0) nextOffset = behind;
            if (length > 0 || !isDamaged) return length;
        }
    }

    private SegmentIndex.Entry EntryAt(Segment segment, long position)
    {
        lock (gate) return segment.Index.EntryAt(position);
    }

    private int Fill(Segment segment, long position, long end, int maxBytes, FetchBuffer buffer)
    {
        long bound;
        lock (gate) bound = Math.Min(end, segment.Index.EntryBehind(position)?.Position ?? end);
        // What is damaged may say that it is as long as it likes.
        int first = TryReadHeader(segment, position, out RecordBatchHeader header) && header.FitsInto(bound - position) ? header.TotalSize : RecordBatchHeader.Size;
        int wanted = (int)Math.Min(Math.Max(maxBytes, first), end - position);
        buffer.EnsureSize(wanted);
        return segment.File.Read(buffer.Bytes.AsSpan(0, wanted), position);
    }

    /// <summary>The first offset whose record's batch reaches a time, or -1.</summary>
    /// <exception cref="DamagedBatchException">A batch on the way is not what was written.</exception>
    internal (long Offset, long Timestamp) FindTime(long timestamp, long limit)
    {
        foreach (Segment segment in segments)
        {
            SegmentIndex.Entry entry;
            long end;
            lock (gate)
            {
                if (segment.Index.MaxTimestamp < timestamp) continue;
                entry = segment.Index.EntryOfTime(timestamp);
                end = segment.Size;
            }

            (long position, long expected) = (entry.Position, entry.Offset);
            while (position < end)
            {
                if (!TryReadHeader(segment, position, out RecordBatchHeader header) || !IsPlausible(in header, expected, end - position))
                {
                    (position, expected) = SeekThroughDamage(segment, EntryAt(segment, position), expected);
                    continue;
                }

                if (header.BaseOffset >= limit) return (-1, -1);
                if (header.MaxTimestamp >= timestamp && !header.IsControl && header.NextOffset > StartOffset && FindTime(segment, position, in header, timestamp) is { Offset: >= 0 } found)
                    return found;
                expected = header.NextOffset;
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
        if (read < batch.Length || !BatchSeal.HasRightChecksum(batch)) throw new DamagedBatchException(segment.Path, position, header.BaseOffset, header.NextOffset);
        var records = new RecordCursor(batch, RecordBatchHeader.Size, read, in header);
        while (records.MoveNext())
        {
            if (records.Timestamp >= timestamp && records.Offset >= StartOffset) return (records.Offset, records.Timestamp);
        }

        return (-1, -1);
    }

    private (Segment Segment, SegmentIndex.Entry Entry, long End) Locate(long offset)
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

        lock (gate) return (all[low], all[low].Index.EntryOf(offset), all[low].Size);
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

    /// <summary>Goes on to the batch that holds an offset, or the first one behind it.</summary>
    /// <returns>False where no batch can begin.</returns>
    private bool TrySeek(Segment segment, long end, long offset, ref long position, ref long expected)
    {
        while (position < end)
        {
            if (!TryReadHeader(segment, position, out RecordBatchHeader header) || !IsPlausible(in header, expected, end - position)) return false;
            if (header.NextOffset > offset) return true;
            expected = header.NextOffset;
            position += header.TotalSize;
        }

        return true;
    }

    private static bool TryReadHeader(Segment segment, long position, out RecordBatchHeader header)
    {
        Span<byte> head = stackalloc byte[RecordBatchHeader.Size];
        return RecordBatchHeader.TryRead(head[..segment.File.Read(head, position)], out header);
    }
}
