using System.ComponentModel;
using System.Runtime.CompilerServices;
using Pipelines.Protocol.Records;

namespace Pipelines.Execution;

/// <summary>One record batch inside a <see cref="RecordBuffer"/>, its header still to be written.</summary>
/// <param name="Start">Where the batch begins in the buffer: <see cref="RecordBuffer.HeaderBytes"/> bytes kept free for its header.</param>
/// <param name="Length">Its bytes, header room included.</param>
/// <param name="Count">Its records.</param>
/// <param name="BaseTimestamp">The timestamp that its records' deltas count from.</param>
/// <param name="MaxTimestamp">The greatest timestamp of its records.</param>
public readonly record struct PendingBatch(int Start, int Length, int Count, long BaseTimestamp, long MaxTimestamp);

/// <summary>Records for one topic partition, laid out as Kafka record batches that lack only their headers.</summary>
/// <remarks>
/// A record is framed once, when it is sent; at the commit each batch's header and checksum go into the room kept before it,
/// and the bytes go to the broker as they are. Source of the layout: Kafka record batch format v2 (KIP-98).
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public sealed class RecordBuffer
{
    /// <summary>The size of a batch's header.</summary>
    public const int HeaderBytes = 61;

    /// <summary>A batch that has reached this size is not added to.</summary>
    public const int BatchBytes = 512 * 1024;

    /// <summary>The largest record, with its key, value and headers.</summary>
    public const int MaxRecordBytes = 1024 * 1024;

    private byte[] bytes = [];
    private PendingBatch[] closed = new PendingBatch[4];
    private int closedCount;
    private int length;
    private int batchStart;
    private int batchCount;
    private long baseTimestamp;
    private long maxTimestamp;

    /// <summary>The bytes used, header rooms included.</summary>
    public int Length => length;

    /// <summary>The records held.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes that the batches lie in.</summary>
    public byte[] Bytes => bytes;

    /// <summary>The batches, complete but for their headers. Ends the batch that was being filled.</summary>
    public ReadOnlySpan<PendingBatch> Batches
    {
        get
        {
            EndBatch();
            return closed.AsSpan(0, closedCount);
        }
    }

    /// <summary>Where the buffer stands, to come back to with <see cref="Restore"/>.</summary>
    internal readonly record struct Mark(int Length, int Count, int ClosedCount, int BatchStart, int BatchCount, long BaseTimestamp, long MaxTimestamp);

    internal Mark Save() => new(length, Count, closedCount, batchStart, batchCount, baseTimestamp, maxTimestamp);

    internal void Restore(in Mark mark)
    {
        length = mark.Length;
        Count = mark.Count;
        closedCount = mark.ClosedCount;
        batchStart = mark.BatchStart;
        batchCount = mark.BatchCount;
        baseTimestamp = mark.BaseTimestamp;
        maxTimestamp = mark.MaxTimestamp;
    }

    /// <summary>Forgets the records and keeps the memory, unless far more than the last epochs needed.</summary>
    public void Clear()
    {
        if (bytes.Length > 4 * 1024 * 1024 && length < bytes.Length / 16) bytes = [];
        length = 0;
        Count = 0;
        closedCount = 0;
        batchCount = 0;
    }

    /// <summary>Appends a record.</summary>
    /// <param name="timestamp">Unix milliseconds.</param>
    /// <param name="hasKey">False for a null key.</param>
    /// <param name="key">The key's bytes.</param>
    /// <param name="hasValue">False for a null value: a tombstone on a compacted topic.</param>
    /// <param name="value">The value's bytes.</param>
    /// <param name="headers">Headers as the format frames them, without their count.</param>
    /// <param name="headerCount">The number of headers.</param>
    /// <exception cref="RecordTooLargeException">The record exceeds <see cref="MaxRecordBytes"/>.</exception>
    public void Append(long timestamp, bool hasKey, ReadOnlySpan<byte> key, bool hasValue, ReadOnlySpan<byte> value, ReadOnlySpan<byte> headers, int headerCount)
    {
        long payload = (long)key.Length + value.Length + headers.Length;
        if (payload > MaxRecordBytes) ThrowTooLarge(payload);
        if (batchCount > 0 && length - batchStart >= BatchBytes) EndBatch();
        // 10 + 5 varint bytes of deltas, 4 lengths of at most 5, one byte of attributes.
        EnsureRoom(HeaderBytes + (int)payload + 48);
        if (batchCount == 0) BeginBatch(timestamp);

        long timestampDelta = timestamp - baseTimestamp;
        int keyLength = hasKey ? key.Length : -1;
        int valueLength = hasValue ? value.Length : -1;
        int bodyLength = 1 + Varint.Size(timestampDelta) + Varint.Size(batchCount)
            + Varint.Size(keyLength) + key.Length + Varint.Size(valueLength) + value.Length
            + Varint.Size(headerCount) + headers.Length;

        Span<byte> target = bytes.AsSpan(length);
        int at = Varint.Write(target, bodyLength);
        target[at++] = 0;
        at += Varint.Write(target[at..], timestampDelta);
        at += Varint.Write(target[at..], batchCount);
        at += Varint.Write(target[at..], keyLength);
        key.CopyTo(target[at..]);
        at += key.Length;
        at += Varint.Write(target[at..], valueLength);
        value.CopyTo(target[at..]);
        at += value.Length;
        at += Varint.Write(target[at..], headerCount);
        headers.CopyTo(target[at..]);
        length += at + headers.Length;
        batchCount++;
        Count++;
        if (timestamp > maxTimestamp) maxTimestamp = timestamp;
    }

    private void BeginBatch(long timestamp)
    {
        batchStart = length;
        length += HeaderBytes;
        baseTimestamp = timestamp;
        maxTimestamp = timestamp;
    }

    private void EndBatch()
    {
        if (batchCount == 0) return;
        if (closedCount == closed.Length) Array.Resize(ref closed, closedCount * 2);
        closed[closedCount++] = new PendingBatch(batchStart, length - batchStart, batchCount, baseTimestamp, maxTimestamp);
        batchCount = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EnsureRoom(int sizeBytes)
    {
        if (bytes.Length - length < sizeBytes) Grow(sizeBytes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int sizeBytes) => Array.Resize(ref bytes, checked(Math.Max(Math.Max(bytes.Length * 2, 4096), length + sizeBytes)));

    private static void ThrowTooLarge(long payload) => throw new RecordTooLargeException(
        $"The encoded record has {payload} bytes, more than the {MaxRecordBytes} that a record may have. Send less in one record, or split it.");
}
