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

    /// <summary>The last position noted at or before an offset.</summary>
    internal long PositionOf(long offset)
    {
        int low = 0;
        int high = count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            if (entries[middle].Offset <= offset) low = middle;
            else high = middle - 1;
        }

        return count == 0 ? 0 : entries[low].Position;
    }

    /// <summary>The last position noted before which no timestamp reaches <paramref name="timestamp"/>.</summary>
    internal long PositionOfTime(long timestamp)
    {
        int low = 0;
        int high = count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            if (entries[middle].MaxTimestampBefore < timestamp) low = middle;
            else high = middle - 1;
        }

        return count == 0 ? 0 : entries[low].Position;
    }
}
