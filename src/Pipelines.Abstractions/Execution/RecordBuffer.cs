using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Pipelines.Protocol.Records;

namespace Pipelines.Execution;

/// <summary>One record batch of a <see cref="RecordBuffer"/>, its header still to be written.</summary>
/// <param name="Block">The memory that it lies in, from its beginning: <see cref="RecordBuffer.HeaderBytes"/> bytes kept free for its header, then the records.</param>
/// <param name="Length">Its bytes, header room included.</param>
/// <param name="Count">Its records.</param>
/// <param name="BaseTimestamp">The timestamp that its records' deltas count from.</param>
/// <param name="MaxTimestamp">The greatest timestamp of its records.</param>
public readonly record struct PendingBatch(byte[] Block, int Length, int Count, long BaseTimestamp, long MaxTimestamp)
{
    /// <summary>The whole batch; valid until the buffer is cleared, or lets go of the batch.</summary>
    public Memory<byte> Bytes => new(Block, 0, Length);
}

/// <summary>Records for one topic partition, laid out as Kafka record batches that lack only their headers.</summary>
/// <remarks>
/// A record is framed once, when it is sent; at the commit each batch's header and checksum go into the room kept before it,
/// and the bytes go to the broker as they are. Each batch lies in a block of its own, lent by <see cref="Blocks"/>: nothing is copied when there are more, and what is
/// written is handed on to whoever writes next. Source of the layout: Kafka record batch format v2 (KIP-98).
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public sealed class RecordBuffer
{
    /// <summary>The size of a batch's header.</summary>
    public const int HeaderBytes = 61;

    /// <summary>A batch that has reached this size is not added to: with another record it would outgrow its block, unless that is a small one.</summary>
    public const int BatchBytes = BlockBytes - (16 * 1024);

    /// <summary>The largest record, with its key, value and headers.</summary>
    public const int MaxRecordBytes = 1024 * 1024;

    private const int BlockBytes = 512 * 1024;

    // Deltas of 10 and 5 bytes, the lengths of record, key and value of 5, one byte of attributes, and what a varint may write too much.
    private const int MostHeadBytes = 40;

    // The batch that is being filled. What lies in it beyond the length below is a record that was not completed, because its codec threw.
    private readonly EncodeBuffer bytes = new(Blocks.Shared);
    private PendingBatch[] closed = [];
    private int closedCount;
    private int closedBytes;
    private int formerBytes;
    private int letGoBytes;
    private int length;
    private int batchCount;
    private long baseTimestamp;
    private long maxTimestamp;
    private int recordStart;
    private int bodySizeBytes = 1;
    private int valueSizeBytes = 1;

    /// <summary>The bytes used, header rooms included.</summary>
    public int Length => closedBytes + length;

    /// <summary>Of these, the bytes that were not let go; may be asked while others let go.</summary>
    public int HeldBytes => Length - Volatile.Read(ref letGoBytes);

    /// <summary>The records held.</summary>
    public int Count { get; private set; }

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
    internal struct Mark
    {
        internal long BaseTimestamp;
        internal long MaxTimestamp;
        internal int Length;
        internal int Count;
        internal int ClosedCount;
        internal int BatchCount;
    }

    /// <remarks>Member by member: a whole copy of what was just written in parts would have to wait for them.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Save(ref Mark mark)
    {
        mark.BaseTimestamp = baseTimestamp;
        mark.MaxTimestamp = maxTimestamp;
        mark.Length = length;
        mark.Count = Count;
        mark.ClosedCount = closedCount;
        mark.BatchCount = batchCount;
    }

    internal void Restore(in Mark mark)
    {
        // The batch that was being filled then may be closed by now, and others after it.
        while (closedCount > mark.ClosedCount)
        {
            ref PendingBatch last = ref closed[--closedCount];
            closedBytes -= last.Length;
            bytes.Put(last.Block);
            last = default;
        }

        length = mark.Length;
        Count = mark.Count;
        batchCount = mark.BatchCount;
        baseTimestamp = mark.BaseTimestamp;
        maxTimestamp = mark.MaxTimestamp;
    }

    /// <summary>Forgets the records and gives their memory back.</summary>
    public void Clear()
    {
        formerBytes = Length;
        for (int i = 0; i < closedCount; i++) LetGo(i);
        bytes.Put(block: []);
        length = 0;
        Count = 0;
        closedCount = 0;
        closedBytes = 0;
        letGoBytes = 0;
        batchCount = 0;
    }

    /// <summary>Gives back the memory of one of <see cref="Batches"/>, which whoever writes them needs no more; it still counts.</summary>
    /// <param name="batch">Its index.</param>
    public void LetGo(int batch)
    {
        PendingBatch former = closed[batch];
        if (former.Block.Length == 0) return;
        closed[batch] = former with { Block = [], Length = 0 };
        Volatile.Write(ref letGoBytes, letGoBytes + former.Length);
        Blocks.Shared.Return(former.Block);
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
        if (hasValue)
        {
            Append(timestamp, hasKey, key, new BytesValue(value), headers, headerCount);
            return;
        }

        long payload = (long)key.Length + headers.Length;
        if (payload > MaxRecordBytes) ThrowTooLarge(payload);
        int sizeBytes = bodySizeBytes;
        int at = BeginRecord(timestamp, hasKey, key, sizeBytes);
        at += Varint.Put(ref bytes.At(at), -1);
        EndRecord(at, timestamp, sizeBytes, headers, headerCount);
    }

    /// <summary>Appends a record whose value is encoded right where it will lie.</summary>
    /// <param name="timestamp">Unix milliseconds.</param>
    /// <param name="hasKey">False for a null key.</param>
    /// <param name="key">The key's bytes.</param>
    /// <param name="value">Writes the value. When it throws, nothing is appended.</param>
    /// <param name="headers">Headers as the format frames them, without their count.</param>
    /// <param name="headerCount">The number of headers.</param>
    /// <exception cref="RecordTooLargeException">The record exceeds <see cref="MaxRecordBytes"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append<TValue>(long timestamp, bool hasKey, ReadOnlySpan<byte> key, TValue value, ReadOnlySpan<byte> headers, int headerCount)
        where TValue : struct, IRecordValue, allows ref struct
    {
        // The two lengths that are not known yet are given as many bytes as those of the record before.
        int sizeBytes = bodySizeBytes;
        int at = BeginRecord(timestamp, hasKey, key, sizeBytes);
        int valueStart = at + valueSizeBytes;
        bytes.MoveTo(valueStart);
        value.Write(bytes);
        int valueLength = bytes.Length - valueStart;
        long payload = (long)key.Length + valueLength + headers.Length;
        if (payload > MaxRecordBytes) ThrowTooLarge(payload);
        if (Varint.Size(valueLength) != valueSizeBytes)
        {
            valueSizeBytes = Varint.Size(valueLength);
            bytes.Shift(valueStart, valueLength, at + valueSizeBytes);
        }

        at += Varint.Write(bytes.Room(at), valueLength);
        EndRecord(at + valueLength, timestamp, sizeBytes, headers, headerCount);
    }

    /// <summary>Writes what comes before the value, behind room for the record's length.</summary>
    /// <returns>Where it ends in the buffer.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int BeginRecord(long timestamp, bool hasKey, ReadOnlySpan<byte> key, int sizeBytes)
    {
        if (batchCount == 0 || length >= BatchBytes) BeginBatch(timestamp);
        else recordStart = length;
        bytes.MoveTo(recordStart);
        bytes.Reserve(key.Length + MostHeadBytes);
        ref byte record = ref bytes.At(recordStart);
        int at = sizeBytes;
        Unsafe.Add(ref record, at++) = 0;
        at += Varint.Put(ref Unsafe.Add(ref record, at), timestamp - baseTimestamp);
        at += Varint.Put(ref Unsafe.Add(ref record, at), batchCount);
        at += Varint.Put(ref Unsafe.Add(ref record, at), hasKey ? key.Length : -1);
        // Most keys are numbers: a copy of eight bytes is one load and one store.
        if (key.Length == sizeof(long)) Unsafe.WriteUnaligned(ref Unsafe.Add(ref record, at), Unsafe.ReadUnaligned<long>(ref MemoryMarshal.GetReference(key)));
        else key.CopyTo(bytes.Room(recordStart + at));
        return recordStart + at + key.Length;
    }

    /// <summary>Writes headers and length of the record that ends at <paramref name="at"/> but for them; only then is it part of the buffer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EndRecord(int at, long timestamp, int sizeBytes, ReadOnlySpan<byte> headers, int headerCount)
    {
        bytes.MoveTo(at);
        bytes.Reserve(headers.Length + Varint.MaxInt64Bytes);
        at += Varint.Put(ref bytes.At(at), headerCount);
        if (headers.Length > 0)
        {
            headers.CopyTo(bytes.Room(at));
            at += headers.Length;
        }

        int bodyStart = recordStart + sizeBytes;
        int bodyLength = at - bodyStart;
        int size = Varint.Size(bodyLength);
        if (size != sizeBytes)
        {
            bytes.MoveTo(at);
            bytes.Shift(bodyStart, bodyLength, recordStart + size);
            bodySizeBytes = size;
        }

        Varint.Write(bytes.Room(recordStart), bodyLength);
        length = recordStart + size + bodyLength;
        batchCount++;
        Count++;
        if (timestamp > maxTimestamp) maxTimestamp = timestamp;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void BeginBatch(long timestamp)
    {
        EndBatch();
        // As much as the epoch before had in its first batch; those that follow a full one will be full as well.
        if (bytes.Memory.Length == 0) bytes.Put(Blocks.Shared.Rent(closedCount > 0 ? BlockBytes : Math.Min(formerBytes + HeaderBytes, BlockBytes)));
        bytes.MoveTo(0);
        bytes.Reserve(HeaderBytes);
        recordStart = HeaderBytes;
        baseTimestamp = timestamp;
        maxTimestamp = timestamp;
    }

    /// <summary>Ends the batch that is being filled.</summary>
    internal void EndBatch()
    {
        if (batchCount == 0) return;
        if (closedCount == closed.Length) Array.Resize(ref closed, Math.Max(4, closedCount * 2));
        closed[closedCount++] = new PendingBatch(bytes.Take(), length, batchCount, baseTimestamp, maxTimestamp);
        closedBytes += length;
        length = 0;
        batchCount = 0;
    }

    private static void ThrowTooLarge(long payload) => throw new RecordTooLargeException(
        $"The encoded record has {payload} bytes, more than the {MaxRecordBytes} that a record may have. Send less in one record, or split it.");

    private readonly ref struct BytesValue(ReadOnlySpan<byte> value) : IRecordValue
    {
        private readonly ReadOnlySpan<byte> value = value;

        public void Write(EncodeBuffer target) => target.Write(value);
    }
}

/// <summary>Writes a record's value. A struct, so that framing is compiled for it.</summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public interface IRecordValue
{
    /// <summary>Appends the value's bytes.</summary>
    void Write(EncodeBuffer target);
}
