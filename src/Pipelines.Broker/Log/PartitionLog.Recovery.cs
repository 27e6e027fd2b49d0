using System.Buffers.Binary;
using System.Globalization;
using Pipelines.Broker.Journal;
using Pipelines.Broker.Recovery;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Log;

/// <content>Opening what a former process left.</content>
internal sealed partial class PartitionLog
{
    /// <summary>Opens the segments, checks them, and cuts a torn end off.</summary>
    /// <param name="provenOffset">The offset up to which the journal knows the log to have been durable.</param>
    /// <param name="start">The offset before which everything is gone, as the journal knows.</param>
    /// <param name="compactions">What the journal says of segments that were compacted.</param>
    /// <param name="nowMs">The wall clock.</param>
    /// <param name="report">Told what is found.</param>
    /// <exception cref="CorruptLogException">There is damage with whole batches behind it, where the log was known to be durable.</exception>
    internal void Open(long provenOffset, long start, IReadOnlyList<LogCompacted> compactions, long nowMs, RecoveryReport report)
    {
        FinishCompactions(compactions);
        long[] bases = DropBefore(start, ListSegments());
        EndOffset = bases.Length == 0 ? 0 : bases[0];
        if (bases.Length == 0 && provenOffset > 0)
            throw new CorruptLogException(Folder, $"holds no segment, but had {provenOffset} offsets. Restore it from a backup.");
        for (int i = 0; i < bases.Length; i++)
        {
            if (bases[i] > EndOffset && bases[i] <= CompactedTo) EndOffset = bases[i];
            if (bases[i] != EndOffset)
            {
                string path = Segment.PathOf(Folder, bases[i]);
                if (provenOffset > EndOffset) throw new CorruptLogException(path, 0, $"it begins at offset {bases[i]}, but the segment before it ends at {EndOffset}");
                Discard(bases.AsSpan(i), report);
                break;
            }

            Open(bases[i], isLast: i == bases.Length - 1, provenOffset, nowMs, report);
        }

        startOffset = Math.Min(EndOffset, Math.Max(start, bases is [var first, ..] ? first : 0));

        if (EndOffset < provenOffset && !report.TornEnds.Any(torn => torn.AcknowledgedLost > 0 && torn.File == Active.Path))
            report.Add($"{Folder} ends at offset {EndOffset}, but {provenOffset - EndOffset} more had been acknowledged and are lost. Restore it from a backup to have them back.");
        if (EndOffset > provenOffset) MarkUnproven(provenOffset);
        // A kill may have come between the file's creation and the flush of its folder; no flush of its bytes would make up for that.
        if (segments.Length > 0 && Active.BaseOffset >= provenOffset) disk.FlushFolder(Folder);
        if (!IsChanged) SaveCheckpoints(EndOffset);
    }

    /// <summary>What was read may be in the system's cache only: it has to be on the disk before anybody sees it.</summary>
    private void MarkUnproven(long provenOffset)
    {
        for (int i = 0; i < segments.Length; i++)
        {
            long end = i + 1 < segments.Length ? segments[i + 1].BaseOffset : EndOffset;
            if (end > provenOffset) segments[i].IsDirty = true;
        }

        changed.Add(this);
    }

    private void Open(long baseOffset, bool isLast, long provenOffset, long nowMs, RecoveryReport report)
    {
        var segment = new Segment(baseOffset, Folder, disk.Open(Segment.PathOf(Folder, baseOffset), create: false), options.IndexIntervalBytes) { CreatedMs = nowMs, WrittenMs = nowMs };
        segments = [.. segments, segment];
        long length = segment.File.Length;
        SegmentCheckpoint? checkpoint = MayTrust(isLast) ? SegmentCheckpoint.TryLoad(disk, segment.CheckpointPath, identity) : null;
        if (checkpoint is not null && checkpoint.BaseOffset == baseOffset && checkpoint.Size <= length && checkpoint.EndOffset <= provenOffset)
        {
            Adopt(segment, checkpoint);
            report.SegmentsFromCheckpoint++;
        }
        else
        {
            // It may tell of bytes that are not there any more, and must not be believed when others have taken their place.
            disk.Delete(segment.CheckpointPath);
        }

        if (segment.Size < length)
        {
            report.BytesScanned += length - segment.Size;
            if (new SegmentScan(segment, length).Run(EndOffset, CompactedTo, (in header, batch) => Take(segment, in header, batch, isDecided: false)) is { } damage)
                CutOff(segment, length, damage, isLast, provenOffset, report);
            if (!isLast) Remember(segment);
        }
    }

    private bool MayTrust(bool isLast) => options.Verification switch
    {
        Verification.All => false,
        Verification.LastSegment => !isLast,
        _ => true,
    };

    private void Adopt(Segment segment, SegmentCheckpoint checkpoint)
    {
        segment.Index.Restore(checkpoint.Index, checkpoint.MaxTimestamp);
        segment.Size = checkpoint.Size;
        segment.WrittenMs = Math.Min(segment.WrittenMs, checkpoint.WrittenMs);
        EndOffset = checkpoint.EndOffset;
        producers.Restore(checkpoint.Producers);
        producers.Transactions.Restore(checkpoint.Aborted);
        producers.Transactions.Restore(checkpoint.OpenTransactions);
    }

    /// <summary>Keeps what is known at the end of a segment, to be written when the segment is durable.</summary>
    private void Remember(Segment segment) => segment.PendingCheckpoint = SegmentCheckpoint.Of(segment, EndOffset, producers);

    /// <summary>Writes the checkpoints of segments that are durable to their ends.</summary>
    internal void SaveCheckpoints(long durableOffset)
    {
        foreach (Segment segment in segments)
        {
            if (segment.PendingCheckpoint is not { } checkpoint || checkpoint.EndOffset > durableOffset) continue;
            checkpoint.Save(disk, segment.CheckpointPath, identity);
            segment.PendingCheckpoint = null;
        }
    }

    /// <summary>Writes the checkpoint of the last segment, when everything is durable and nothing more will come.</summary>
    internal void SaveLastCheckpoint()
    {
        if (segments.Length == 0) return;
        Remember(Active);
        SaveCheckpoints(EndOffset);
    }

    private void CutOff(Segment segment, long length, string damage, bool isLast, long provenOffset, RecoveryReport report)
    {
        long position = segment.Size;
        if (EndOffset < provenOffset && (!isLast || HasBatchBehind(segment, position, length))) throw new CorruptLogException(segment.Path, position, damage);
        report.Add(new TornEnd(segment.Path, position, length - position, damage, Math.Max(0, provenOffset - EndOffset)));
        segment.File.SetLength(position);
        segment.IsDirty = true;
        changed.Add(this);
    }

    /// <summary>True when a whole batch with a right checksum and a later offset lies behind a position.</summary>
    private bool HasBatchBehind(Segment segment, long position, long length)
    {
        byte[] rest = new byte[(int)Math.Min(length - position, Array.MaxLength)];
        int read = segment.File.Read(rest, position);
        for (int at = 1; at + RecordBatchHeader.Size <= read; at++)
        {
            if (rest[at + 16] != 2) continue;
            long offset = BinaryPrimitives.ReadInt64BigEndian(rest.AsSpan(at));
            if (offset <= EndOffset || offset > EndOffset + int.MaxValue) continue;
            RecordBatchHeader.TryRead(rest.AsSpan(at), out RecordBatchHeader header);
            if (header.FitsInto(read - at) && BatchSeal.HasRightChecksum(rest.AsSpan(at, header.TotalSize))) return true;
        }

        return false;
    }

    /// <summary>Deletes segments that a crash has kept from being deleted, or has brought back.</summary>
    private long[] DropBefore(long start, long[] bases)
    {
        int first = 0;
        for (int i = 1; i < bases.Length; i++)
        {
            if (bases[i] <= start) first = i;
        }

        for (int i = 0; i < first; i++) DeleteFiles(bases[i]);
        if (first > 0) disk.FlushFolder(Folder);
        return bases[first..];
    }

    private long[] ListSegments()
    {
        var bases = new List<long>();
        foreach (string name in disk.ListFiles(Folder))
        {
            if (!name.EndsWith(Segment.Extension, StringComparison.Ordinal)) continue;
            ReadOnlySpan<char> digits = name.AsSpan(0, name.Length - Segment.Extension.Length);
            if (digits.Length == 20 && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long baseOffset)) bases.Add(baseOffset);
        }

        bases.Sort();
        return [.. bases];
    }

    /// <summary>Removes segments that cannot belong to the log: nothing of them was acknowledged.</summary>
    private void Discard(ReadOnlySpan<long> bases, RecoveryReport report)
    {
        foreach (long baseOffset in bases)
        {
            string path = Segment.PathOf(Folder, baseOffset);
            report.Add($"{path} was removed: the segment before it ends at offset {EndOffset} since the crash, and nothing behind that was acknowledged.");
            disk.Delete(path);
        }

        disk.FlushFolder(Folder);
    }
}
