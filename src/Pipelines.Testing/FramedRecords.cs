using Pipelines.Protocol.Records;

namespace Pipelines.Testing;

/// <summary>Walks the records that a task framed: the part of a record batch after its header.</summary>
/// <remarks>Source: Kafka record batch format v2 (KIP-98).</remarks>
internal ref struct FramedRecords(ReadOnlySpan<byte> bytes, long baseTimestamp)
{
    private ReadOnlySpan<byte> left = bytes;

    internal MemoryRecord Next()
    {
        int length = (int)ReadVarint();
        ReadOnlySpan<byte> after = left[length..];
        left = left[1..length];
        long timestamp = baseTimestamp + ReadVarint();
        ReadVarint();
        byte[]? key = ReadBytes();
        byte[]? value = ReadBytes();
        int headerCount = (int)ReadVarint();
        byte[] headers = left.ToArray();
        left = after;
        return new MemoryRecord(key, value, timestamp, headers, headerCount);
    }

    private byte[]? ReadBytes()
    {
        int length = (int)ReadVarint();
        if (length < 0) return null;
        byte[] read = left[..length].ToArray();
        left = left[length..];
        return read;
    }

    private long ReadVarint()
    {
        if (!Varint.TryReadInt64(left, out long value, out int read)) throw new InvalidOperationException("A task framed a record that cannot be read back.");
        left = left[read..];
        return value;
    }
}
