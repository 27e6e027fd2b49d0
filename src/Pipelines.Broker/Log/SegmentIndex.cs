namespace Pipelines.Broker.Log;

/// <summary>Where batches lie in a segment: an entry every so many bytes, by offset and by time.</summary>
/// <remarks>Kept in memory, and in the segment's checkpoint; it can always be made anew from the segment.</remarks>
internal sealed class SegmentIndex(int intervalBytes)
{
    private Entry[] entries = new Entry[16];
    private int count;
    private long lastPosition = -1;
    private long maxTimestamp = long.MinValue;

    /// <summary>Where a batch lies, and the greatest timestamp of those before it.</summary>
    internal readonly record struct Entry(long Offset, long Position, long MaxTimestampBefore);

    internal ReadOnlySpan<Entry> Entries => entries.AsSpan(0, count);

    /// <summary>Notes a batch that was appended.</summary>
    internal void Add(long baseOffset, long position, long batchMaxTimestamp)
    {
        if (lastPosition < 0 || position - lastPosition >= intervalBytes)
        {
            if (count == entries.Length) Array.Resize(ref entries, count * 2);
            entries[count++] = new Entry(baseOffset, position, maxTimestamp);
            lastPosition = position;
        }

        maxTimestamp = Math.Max(maxTimestamp, batchMaxTimestamp);
    }

    /// <summary>Takes over what a checkpoint tells.</summary>
    internal void Restore(ReadOnlySpan<Entry> known, long knownMaxTimestamp)
    {
        entries = new Entry[Math.Max(16, known.Length)];
        known.CopyTo(entries);
        count = known.Length;
        lastPosition = count == 0 ? -1 : known[^1].Position;
        maxTimestamp = knownMaxTimestamp;
    }

    /// <summary>The greatest timestamp of the segment.</summary>
    internal long MaxTimestamp => maxTimestamp;

    /// <summary>The last entry at or before an offset.</summary>
    internal Entry EntryOf(long offset) => LastWhere(offset, static (entry, wanted) => entry.Offset <= wanted);

    /// <summary>The last entry at or before a position.</summary>
    internal Entry EntryAt(long position) => LastWhere(position, static (entry, wanted) => entry.Position <= wanted);

    /// <summary>The first entry behind a position, or null.</summary>
    internal Entry? EntryBehind(long position)
    {
        int at = IndexOfLast(position, static (entry, wanted) => entry.Position <= wanted) + 1;
        return at < count ? entries[at] : null;
    }

    /// <summary>The last entry before which no timestamp reaches <paramref name="timestamp"/>.</summary>
    internal Entry EntryOfTime(long timestamp) => LastWhere(timestamp, static (entry, wanted) => entry.MaxTimestampBefore < wanted);

    private Entry LastWhere(long wanted, Func<Entry, long, bool> isBefore) => count == 0 ? default : entries[IndexOfLast(wanted, isBefore)];

    /// <summary>The last entry for which something holds that holds for all before it too; the first when it holds for none.</summary>
    private int IndexOfLast(long wanted, Func<Entry, long, bool> isBefore)
    {
        int low = 0;
        int high = count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            if (isBefore(entries[middle], wanted)) low = middle;
            else high = middle - 1;
        }

        return low;
    }
}
