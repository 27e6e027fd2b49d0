namespace Pipelines.Broker.Log;

/// <content>What goes: old segments, or all of it.</content>
internal sealed partial class PartitionLog
{
    /// <summary>The bytes of all segments.</summary>
    internal long Size
    {
        get
        {
            long size = 0;
            foreach (Segment segment in segments) size += segment.Size;
            return size;
        }
    }

    /// <summary>The offset before which nothing has to be kept any longer, by the topic's settings; what it holds until then when all has to be kept.</summary>
    /// <remarks>
    /// A segment is old when its latest record is, and when it was written that long ago too: history that is replayed into a topic is not deleted
    /// at once because its records are old. Kafka looks at the records only.
    /// </remarks>
    internal long FindExpired(long nowMs)
    {
        if (!Policy.IsDeleted || segments.Length == 0) return StartOffset;
        long start = StartOffset;
        long left = Size;
        long limit = Math.Min(HighWatermark, StableOffset);
        Segment[] all = segments;
        for (int i = 0; i < all.Length; i++)
        {
            bool isLast = i == all.Length - 1;
            long end = isLast ? EndOffset : all[i + 1].BaseOffset;
            bool isOld = Policy.RetentionMs >= 0 && nowMs - Math.Max(all[i].Index.MaxTimestamp, all[i].WrittenMs) > Policy.RetentionMs;
            bool isTooMuch = Policy.RetentionBytes >= 0 && !isLast && left - all[i].Size >= Policy.RetentionBytes;
            if (end > limit || end <= all[i].BaseOffset || !(isOld || isTooMuch)) break;
            start = Math.Max(start, end);
            left -= all[i].Size;
        }

        return start;
    }

    /// <summary>What is before an offset is gone; whole segments of it are taken out.</summary>
    /// <param name="offset">The offset, which is durable as the start.</param>
    /// <param name="nowMs">The wall clock.</param>
    /// <returns>The segments, to be disposed of and deleted with <see cref="DeleteFiles(Segment)"/>.</returns>
    internal Segment[] MoveStart(long offset, long nowMs)
    {
        if (offset <= StartOffset) return [];
        // The last segment goes too when nothing of it is left.
        if (offset == EndOffset && Active.Size > 0) Roll(nowMs);
        lock (gate)
        {
            Volatile.Write(ref startOffset, offset);
            producers.Transactions.Forget(offset);
        }

        int first = 0;
        while (first + 1 < segments.Length && segments[first + 1].BaseOffset <= offset) first++;
        Segment[] gone = segments[..first];
        segments = segments[first..];
        return gone;
    }

    internal void DeleteFiles(Segment segment) => DeleteFiles(segment.BaseOffset);

    /// <summary>The topic was deleted: whoever reads is told so.</summary>
    internal void MarkDeleted()
    {
        changed.Remove(this);
        IsDeleted = true;
        WakeAll();
    }

    private void DeleteFiles(long baseOffset)
    {
        disk.Delete(Segment.CheckpointPathOf(Folder, baseOffset));
        disk.Delete(Segment.PathOf(Folder, baseOffset));
    }
}
