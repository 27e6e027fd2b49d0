using System.Buffers.Binary;
using Pipelines.Broker.Recovery;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Log;

/// <content>What to make of a segment whose bytes are not what was written.</content>
/// <remarks>
/// Checksums do not cover where a batch stands and how long it is: that is known from the batch before it, and for the first one from the index. Between two entries of the
/// index a batch can be looked for at every byte, so damage costs what it hits and nothing else.
/// </remarks>
internal sealed partial class PartitionLog
{
    private const int LeaderEpochAt = 12;
    private const int MagicAt = 16;

    /// <summary>True when a batch may stand behind one that ends before an offset: right there, or where compaction has left a gap.</summary>
    private bool Follows(long baseOffset, long expected) => baseOffset == expected || (baseOffset > expected && baseOffset < CompactedTo);

    /// <summary>True when the header can be that of the batch behind those that end before an offset.</summary>
    private bool IsPlausible(in RecordBatchHeader header, long expected, long bytes) =>
        header.Magic == 2 && header.LastOffsetDelta >= 0 && header.FitsInto(bytes) && Follows(header.BaseOffset, expected);

    /// <summary>The length of the whole and undamaged batches below the limit, at the start of some bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="limit">Batches that begin here or later are left out.</param>
    /// <param name="nextOffset">The offset before which the batch in front of them ends; afterwards the offset behind the last of them.</param>
    /// <param name="isDamaged">True when they end before a batch that is not whole, or not what was written.</param>
    private int Verify(Span<byte> bytes, long limit, ref long nextOffset, out bool isDamaged)
    {
        isDamaged = bytes.Length < RecordBatchHeader.Size;
        bool isChecked = options.Guards(Protections.Checksums);
        int position = 0;
        while (RecordBatchHeader.TryRead(bytes[position..], out RecordBatchHeader header))
        {
            if (isChecked && !IsPlausible(in header, nextOffset, int.MaxValue))
            {
                isDamaged = true;
                break;
            }

            if (header.BaseOffset >= limit) break;
            // Either the read ends inside of it, or it is not that long.
            isDamaged = !header.FitsInto(bytes.Length - position) || (isChecked && !BatchSeal.HasRightChecksum(bytes.Slice(position, header.TotalSize)));
            if (isDamaged) break;
            // The only field that is neither covered nor needed: it is always the same here.
            BinaryPrimitives.WriteInt32BigEndian(bytes[(position + LeaderEpochAt)..], 0);
            position += header.TotalSize;
            nextOffset = header.NextOffset;
        }

        return position;
    }

    /// <summary>Finds the undamaged batch that holds an offset, or the first one behind it, where something between two entries of the index is damaged.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="entry">The entry from which on to look.</param>
    /// <param name="offset">The offset.</param>
    /// <returns>The batch's position, and the offset before which the one in front of it ends.</returns>
    /// <exception cref="DamagedBatchException">It is in what is damaged.</exception>
    private (long Position, long Expected) SeekThroughDamage(Segment segment, SegmentIndex.Entry entry, long offset)
    {
        long end;
        SegmentIndex.Entry? behind;
        lock (gate)
        {
            end = segment.Size;
            behind = segment.Index.EntryBehind(entry.Position);
        }

        if (behind is { } next) end = next.Position;
        long endOffset = behind?.Offset ?? (Array.Find(segments, other => other.BaseOffset > segment.BaseOffset)?.BaseOffset ?? EndOffset);
        byte[] bytes = new byte[end - entry.Position];
        Span<byte> read = bytes.AsSpan(0, segment.File.Read(bytes, entry.Position));
        long expected = entry.Offset;
        int position = 0;
        while (position < bytes.Length)
        {
            int damagedAt = position;
            long damagedFrom = expected;
            while (position < bytes.Length && !IsWholeAt(read, position, expected, position > damagedAt)) position++;
            bool isFound = RecordBatchHeader.TryRead(read[Math.Min(position, read.Length)..], out RecordBatchHeader header) && position < bytes.Length;
            long from = isFound ? header.BaseOffset : endOffset;
            if (position > damagedAt && offset < from) throw new DamagedBatchException(segment.Path, entry.Position + damagedAt, damagedFrom, from);
            if (!isFound || header.NextOffset > offset) return (entry.Position + position, position > damagedAt ? from : expected);
            expected = header.NextOffset;
            position += header.TotalSize;
        }

        return (end, expected);
    }

    /// <summary>True when an undamaged batch begins there.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="position">Where.</param>
    /// <param name="expected">The offset before which the batch in front of it ends.</param>
    /// <param name="mayJump">True behind damage: what was between may be missing.</param>
    private bool IsWholeAt(ReadOnlySpan<byte> bytes, int position, long expected, bool mayJump)
    {
        if (position + RecordBatchHeader.Size > bytes.Length || bytes[position + MagicAt] != 2) return false;
        RecordBatchHeader.TryRead(bytes[position..], out RecordBatchHeader header);
        bool isThere = mayJump ? header.BaseOffset > expected && header.BaseOffset < EndOffset : Follows(header.BaseOffset, expected);
        return isThere && IsPlausible(in header, header.BaseOffset, bytes.Length - position) && BatchSeal.HasRightChecksum(bytes.Slice(position, header.TotalSize));
    }
}
