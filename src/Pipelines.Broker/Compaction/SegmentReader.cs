using Pipelines.Broker.Log;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Compaction;

/// <summary>Reads the batches of a closed segment one after the other, and takes nothing that is not as it was written.</summary>
/// <param name="segment">The segment.</param>
/// <param name="gapsTo">Before this offset batches may be missing.</param>
/// <param name="end">The offset behind the last of them.</param>
internal sealed class SegmentReader(Segment segment, long gapsTo, long end)
{
    private const int WindowBytes = 1024 * 1024;
    private readonly long size = segment.Size;
    private byte[] window = new byte[WindowBytes];
    private long windowStart;
    private int windowLength;
    private long position;
    private long expected = segment.BaseOffset;

    /// <summary>The next batch; its bytes are valid until the one after it is read.</summary>
    /// <returns>False at the end.</returns>
    internal bool TryRead(out RecordBatchHeader header, out ReadOnlyMemory<byte> batch)
    {
        batch = default;
        header = default;
        if (position >= size) return false;
        bool isThere = RecordBatchHeader.TryRead(At(RecordBatchHeader.Size).Span, out header) && header.FitsInto(size - position)
            && (header.BaseOffset == expected || (header.BaseOffset > expected && header.BaseOffset < gapsTo)) && header.NextOffset <= end;
        if (!isThere) throw new IOException($"{segment.Path} is damaged at byte {position}: the batch of offset {expected} does not begin there");
        batch = At(header.TotalSize);
        if (batch.Length < header.TotalSize || !BatchSeal.HasRightChecksum(batch.Span)) throw new IOException($"{segment.Path} is damaged at byte {position}: a batch's checksum is wrong");
        position += header.TotalSize;
        expected = header.NextOffset;
        return true;
    }

    private ReadOnlyMemory<byte> At(int length)
    {
        if (position < windowStart || position + length > windowStart + windowLength)
        {
            if (length > window.Length) window = new byte[length];
            windowStart = position;
            windowLength = segment.File.Read(window, position);
        }

        int start = (int)(position - windowStart);
        return window.AsMemory(start, Math.Min(length, windowLength - start));
    }
}
