namespace Pipelines.Protocol.Records;

/// <summary>A header of a record.</summary>
/// <param name="Name">The name, UTF-8.</param>
/// <param name="Value">The value, or null.</param>
public readonly record struct RecordHeader(byte[] Name, byte[]? Value);

/// <summary>Lays out one uncompressed batch, record by record: for tools and tests. Generated code writes its records in place.</summary>
/// <remarks>Source: Kafka record format v2 (KIP-98). The first record's timestamp is what the others count from.</remarks>
public sealed class RecordBatchWriter
{
    private byte[] bytes = new byte[1024];
    private int length = RecordBatchHeader.Size;
    private long baseTimestamp;
    private long maxTimestamp;

    /// <summary>The records added so far.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes of the batch so far, its header included.</summary>
    public int SizeBytes => length;

    /// <summary>Adds a record.</summary>
    /// <param name="timestampMs">Its time, Unix milliseconds.</param>
    /// <param name="key">Its key.</param>
    /// <param name="value">Its value.</param>
    /// <param name="headers">Its headers.</param>
    /// <param name="hasKey">False for a null key.</param>
    /// <param name="hasValue">False for a null value, which deletes the key of a compacted topic.</param>
    public void Add(
        long timestampMs, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ReadOnlySpan<RecordHeader> headers = default, bool hasKey = true, bool hasValue = true)
    {
        if (Count == 0) baseTimestamp = maxTimestamp = timestampMs;
        maxTimestamp = Math.Max(maxTimestamp, timestampMs);
        long timestampDelta = timestampMs - baseTimestamp;

        int size = 1 + Varint.Size(timestampDelta) + Varint.Size(Count) + PartSize(key, hasKey) + PartSize(value, hasValue) + Varint.Size(headers.Length);
        foreach (RecordHeader header in headers) size += PartSize(header.Name, present: true) + PartSize(header.Value, header.Value is not null);
        EnsureRoom(Varint.MaxInt32Bytes + size);

        WriteVarint(size);
        bytes[length++] = 0;
        WriteVarint(timestampDelta);
        WriteVarint(Count);
        WritePart(key, hasKey);
        WritePart(value, hasValue);
        WriteVarint(headers.Length);
        foreach (RecordHeader header in headers)
        {
            WritePart(header.Name, present: true);
            WritePart(header.Value, header.Value is not null);
        }

        Count++;
    }

    /// <summary>Completes the batch with its header and checksum, and begins a new one.</summary>
    /// <param name="producer">Who writes it.</param>
    /// <returns>The bytes of the whole batch; the caller's own.</returns>
    /// <exception cref="InvalidOperationException">No record was added.</exception>
    public byte[] Complete(BatchProducer producer)
    {
        if (Count == 0) throw new InvalidOperationException("A batch without records is no batch. Add a record before completing it.");
        byte[] batch = bytes.AsSpan(0, length).ToArray();
        BatchSeal.Complete(batch, Count, baseTimestamp, maxTimestamp, producer);
        length = RecordBatchHeader.Size;
        Count = 0;
        return batch;
    }

    private static int PartSize(ReadOnlySpan<byte> part, bool present) => present ? Varint.Size(part.Length) + part.Length : 1;

    private void WritePart(ReadOnlySpan<byte> part, bool present)
    {
        WriteVarint(present ? part.Length : -1);
        if (!present) return;
        part.CopyTo(bytes.AsSpan(length));
        length += part.Length;
    }

    private void WriteVarint(long value) => length += Varint.Write(bytes.AsSpan(length), value);

    private void EnsureRoom(int more)
    {
        if (bytes.Length - length < more) Array.Resize(ref bytes, Math.Max(bytes.Length * 2, length + more));
    }
}
