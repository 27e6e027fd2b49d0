using Pipelines.Broker.Log;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Compaction;

/// <summary>Reads the batches of a closed segment one after the other.</summary>
internal sealed class SegmentReader(Segment segment)
{
    private const int WindowBytes = 1024 * 1024;
    private readonly long size = segment.Size;
    private byte[] window = new byte[WindowBytes];
    private long windowStart;
    private int windowLength;
    private long position;

    /// <summary>The next batch; its bytes are valid until the one after it is read.</summary>
    /// <returns>False at the end.</returns>
    internal bool TryRead(out RecordBatchHeader header, out ReadOnlyMemory<byte> batch)
    {
        batch = default;
        header = default;
        if (position >= size) return false;
        if (!RecordBatchHeader.TryRead(At(RecordBatchHeader.Size).Span, out header) || !header.FitsInto(size - position))
            throw new IOException($"{segment.Path} was changed from outside at byte {position}: a batch that was written there is not there any more");
        batch = At(header.TotalSize);
        if (batch.Length < header.TotalSize || !BatchSeal.HasRightChecksum(batch.Span)) throw new IOException($"{segment.Path} is damaged at byte {position}: a batch's checksum is wrong");
        position += header.TotalSize;
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
