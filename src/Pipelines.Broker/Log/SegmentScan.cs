using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Log;

/// <summary>Takes a batch that was found in a segment.</summary>
internal delegate void BatchFound(in RecordBatchHeader header, ReadOnlySpan<byte> batch);

/// <summary>Reads a segment from its known size on, batch by batch, and verifies every byte.</summary>
internal sealed class SegmentScan(Segment segment, long length)
{
    private const int WindowBytes = 1024 * 1024;
    private byte[] window = new byte[(int)Math.Min(Math.Max(length, RecordBatchHeader.Size), WindowBytes)];
    private long windowStart;
    private int windowLength;

    /// <summary>Reads to the end, or to the first damage; the segment's size is then where that begins.</summary>
    /// <param name="offset">The base offset that the first batch must have.</param>
    /// <param name="gapsTo">Before this offset batches may be missing.</param>
    /// <param name="found">Called for each batch; takes it into the segment's size.</param>
    /// <returns>What is damaged, or null.</returns>
    internal string? Run(long offset, long gapsTo, BatchFound found)
    {
        while (segment.Size < length)
        {
            long position = segment.Size;
            string? damage = Examine(At(position, RecordBatchHeader.Size), length - position, offset, gapsTo, out RecordBatchHeader header);
            if (damage is not null) return damage;
            ReadOnlySpan<byte> batch = At(position, header.TotalSize);
            if (batch.Length < header.TotalSize) return "a batch is incomplete";
            if (!BatchSeal.HasRightChecksum(batch)) return "a batch's checksum is wrong";
            found(in header, batch);
            offset = header.NextOffset;
        }

        return null;
    }

    private static string? Examine(ReadOnlySpan<byte> head, long left, long offset, long gapsTo, out RecordBatchHeader header)
    {
        if (!RecordBatchHeader.TryRead(head, out header)) return "a batch's header is incomplete";
        if (header.Magic != 2) return "no record batch begins there";
        if (header.BaseOffset != offset && !(header.BaseOffset > offset && header.BaseOffset < gapsTo)) return $"a batch has base offset {header.BaseOffset} where {offset} follows";
        if (header.LastOffsetDelta < 0) return "a batch's count is impossible";
        return header.FitsInto(left) ? null : "a batch is incomplete, or its length is wrong";
    }

    private ReadOnlySpan<byte> At(long position, int size)
    {
        if (position < windowStart || position + size > windowStart + windowLength)
        {
            if (size > window.Length) window = new byte[size];
            windowStart = position;
            windowLength = segment.File.Read(window, position);
        }

        int start = (int)(position - windowStart);
        return window.AsSpan(start, Math.Min(size, windowLength - start));
    }
}
