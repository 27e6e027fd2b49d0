using System.Globalization;
using Pipelines.Broker.Compaction;
using Pipelines.Broker.Disk;
using Pipelines.Broker.Journal;

namespace Pipelines.Broker.Log;

/// <content>Compaction: what is to be done, and how a rewritten segment takes the place of others.</content>
internal sealed partial class PartitionLog
{
    /// <summary>The offset up to which of each key only the last record is left, and offsets may be missing.</summary>
    internal long CompactedTo { get; private set; }

    /// <summary>The share of the log that compaction would look at for the first time; 0 when there is no reason to begin.</summary>
    internal double DirtyRatio(long nowMs)
    {
        if (!Policy.IsCompacted) return 0;
        long dirty = 0;
        long all = 0;
        bool isOverdue = false;
        foreach (Segment segment in Compactable(nowMs))
        {
            all += segment.Size;
            if (EndOf(segment) <= CompactedTo) continue;
            dirty += segment.Size;
            isOverdue |= nowMs - segment.CreatedMs >= Policy.MaxCompactionLagMs;
        }

        if (dirty == 0) return 0;
        double ratio = (double)dirty / all;
        return isOverdue || ratio > Policy.MinCleanableRatio ? ratio : 0;
    }

    internal CompactionJob PlanCompaction(long nowMs)
    {
        Segment[] those = [.. Compactable(nowMs)];
        return new CompactionJob(
            this,
            those,
            EndOf(those[^1]),
            Math.Max(CompactedTo, StartOffset),
            options.Guards(Protections.AbortedKeys) ? AbortedIn(0, EndOf(those[^1])) : [],
            producers.All.Where(static producer => producer.LastBatch >= 0).ToDictionary(static producer => producer.ProducerId, static producer => producer.LastBatch),
            Policy.SegmentBytes,
            options.Guards(Protections.Tombstones) ? Policy.DeleteRetentionMs : 0,
            nowMs);
    }

    /// <summary>True while the segments are still there, one after the other.</summary>
    internal bool Holds(IReadOnlyList<Segment> group)
    {
        int first = Array.IndexOf(segments, group[0]);
        return !IsDeleted && first >= 0 && group.Count < segments.Length - first && segments.AsSpan(first, group.Count).SequenceEqual([.. group]);
    }

    /// <summary>The base offset of the segment behind one that is not the last.</summary>
    internal long EndOf(Segment segment) => segments[Array.IndexOf(segments, segment) + 1].BaseOffset;

    /// <summary>Puts a rewritten segment in the place of others; that it was to be so is durable.</summary>
    internal void Replace(IReadOnlyList<Segment> group, CompactedSegment compacted)
    {
        Segment first = group[0];
        long end = EndOf(group[^1]);
        SegmentCheckpoint? known = SegmentCheckpoint.TryLoad(disk, group[^1].CheckpointPath, identity);
        MoveIntoPlace(compacted.Number, first.BaseOffset, [.. group.Select(static segment => segment.BaseOffset)]);
        var segment = new Segment(first.BaseOffset, Folder, disk.Open(first.Path, create: false), options.IndexIntervalBytes)
        {
            CreatedMs = first.CreatedMs,
            WrittenMs = group.Max(static segment => segment.WrittenMs),
            Size = compacted.Size,
            Index = compacted.Index,
        };
        int at = Array.IndexOf(segments, first);
        lock (gate)
        {
            segments = [.. segments[..at], segment, .. segments[(at + group.Count)..]];
            producers.Transactions.Forget(compacted.DroppedMarkers);
        }

        if (known is not null && known.EndOffset == end) known.Of(segment, producers.Transactions.Aborted).Save(disk, segment.CheckpointPath, identity);
    }

    internal void MarkCompacted(long offset) => CompactedTo = Math.Max(CompactedTo, offset);

    /// <summary>Closed segments whose every record is settled, and old enough.</summary>
    private IEnumerable<Segment> Compactable(long nowMs)
    {
        Segment[] all = segments;
        for (int i = 0; i + 1 < all.Length; i++)
        {
            bool isYoung = Policy.MinCompactionLagMs > 0 && nowMs - all[i].Index.MaxTimestamp < Policy.MinCompactionLagMs;
            if (all[i + 1].BaseOffset > Math.Min(HighWatermark, StableOffset) || all[i].IsDirty || isYoung) yield break;
            yield return all[i];
        }
    }

    /// <summary>Does what a crash has cut short, and removes what was not decided.</summary>
    private void FinishCompactions(IReadOnlyList<LogCompacted> compactions)
    {
        foreach (LogCompacted compacted in compactions)
        {
            CompactedTo = Math.Max(CompactedTo, compacted.EndOffset);
            if (compacted.Number < 0) continue;
            // Those between are over, also when a crash has brought them back.
            long[] those = [.. ListSegments().Where(offset => offset >= compacted.BaseOffset && offset < compacted.EndOffset)];
            if (disk.Exists(CompactedSegment.PathOf(Folder, compacted.BaseOffset, compacted.Number))) MoveIntoPlace(compacted.Number, compacted.BaseOffset, those);
            else if (those.Length > 1 && SizeOf(compacted.BaseOffset) == compacted.Size) DeleteOthers(compacted.BaseOffset, those);
        }

        string[] leftOver = [.. disk.ListFiles(Folder).Where(static name => name.EndsWith(CompactedSegment.Extension, StringComparison.Ordinal))];
        foreach (string name in leftOver) disk.Delete(string.Create(CultureInfo.InvariantCulture, $"{Folder}/{name}"));
        if (leftOver.Length > 0) disk.FlushFolder(Folder);
    }

    private long SizeOf(long baseOffset)
    {
        string path = Segment.PathOf(Folder, baseOffset);
        if (!disk.Exists(path)) return -1;
        using IDiskFile file = disk.Open(path, create: false);
        return file.Length;
    }

    private void MoveIntoPlace(long number, long baseOffset, long[] replaced)
    {
        // In this order, each step durable before the next: a checkpoint never tells of another file, and no segment goes before the new one is there.
        foreach (long offset in replaced) disk.Delete(Segment.CheckpointPathOf(Folder, offset));
        disk.FlushFolder(Folder);
        disk.Rename(CompactedSegment.PathOf(Folder, baseOffset, number), Segment.PathOf(Folder, baseOffset));
        disk.FlushFolder(Folder);
        DeleteOthers(baseOffset, replaced);
    }

    private void DeleteOthers(long baseOffset, long[] replaced)
    {
        foreach (long offset in replaced)
        {
            if (offset != baseOffset) DeleteFiles(offset);
        }

        disk.FlushFolder(Folder);
    }
}
