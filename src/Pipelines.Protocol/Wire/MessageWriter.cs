using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Pipelines.Protocol.Wire;

/// <summary>Writes the primitive types of the protocol into a buffer that grows; the buffer comes from the shared pool and goes back with <see cref="Dispose"/>.</summary>
/// <remarks>Source: Kafka protocol, primitive types; KIP-482 for compact lengths and tagged fields.</remarks>
public sealed class MessageWriter : IDisposable
{
    private const int ReferenceFrom = 16 * 1024;

    private readonly List<(int Position, ReadOnlyMemory<byte> Bytes)> references = [];
    private byte[] buffer;
    private int length;
    private int referenced;
    private int tagged;

    /// <summary>An empty writer.</summary>
    /// <param name="capacity">Bytes to begin with.</param>
    public MessageWriter(int capacity = 512) => buffer = ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>True when lengths are compact and structures end with tagged fields.</summary>
    public bool IsFlexible { get; set; }

    /// <summary>True to keep long byte fields as references instead of copies: they must not change until the message is sent, by <see cref="Segments"/>.</summary>
    public bool KeepsReferences { get; init; }

    /// <summary>The bytes written; valid until something more is written, and whole only without references.</summary>
    public Memory<byte> Written => buffer.AsMemory(0, length);

    /// <summary>The number of bytes written, those kept as references included.</summary>
    public int Length => length + referenced;

    /// <summary>The bytes written, in order; valid until something more is written.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Segments
    {
        get
        {
            int start = 0;
            foreach ((int position, ReadOnlyMemory<byte> bytes) in references)
            {
                if (position > start) yield return buffer.AsMemory(start, position - start);
                yield return bytes;
                start = position;
            }

            if (length > start) yield return buffer.AsMemory(start, length - start);
        }
    }

    /// <summary>Forgets what was written.</summary>
    public void Clear()
    {
        length = 0;
        referenced = 0;
        references.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        byte[] rented = buffer;
        buffer = [];
        Clear();
        if (rented.Length > 0) ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>A byte, 0 or 1.</summary>
    public void WriteBoolean(bool value) => Take(1)[0] = value ? (byte)1 : (byte)0;

    /// <summary>8 bits.</summary>
    public void WriteInt8(sbyte value) => Take(1)[0] = (byte)value;

    /// <summary>16 bits, big-endian.</summary>
    public void WriteInt16(short value) => BinaryPrimitives.WriteInt16BigEndian(Take(2), value);

    /// <summary>16 bits without sign, big-endian.</summary>
    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Take(2), value);

    /// <summary>32 bits, big-endian.</summary>
    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(4), value);

    /// <summary>32 bits without sign, big-endian.</summary>
    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Take(4), value);

    /// <summary>64 bits, big-endian.</summary>
    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(Take(8), value);

    /// <summary>64 bits of IEEE 754, big-endian.</summary>
    public void WriteFloat64(double value) => BinaryPrimitives.WriteDoubleBigEndian(Take(8), value);

    /// <summary>16 bytes, the most significant first.</summary>
    public void WriteUuid(Guid value) => value.TryWriteBytes(Take(16), bigEndian: true, out _);

    /// <summary>UTF-8 with its length.</summary>
    /// <exception cref="ArgumentException">More than 32,767 bytes: compact lengths could say it, but Kafka refuses it in every version.</exception>
    public void WriteString(string value)
    {
        int count = Encoding.UTF8.GetByteCount(value);
        if (count > short.MaxValue) throw new ArgumentException($"A string of {count} bytes is longer than the 32,767 that a message can carry.", nameof(value));
        if (IsFlexible) WriteUnsignedVarint((uint)count + 1);
        else WriteInt16((short)count);
        Encoding.UTF8.GetBytes(value, Take(count));
    }

    /// <summary>UTF-8 with its length, or null.</summary>
    public void WriteNullableString(string? value)
    {
        if (value is not null) WriteString(value);
        else if (IsFlexible) WriteUnsignedVarint(0);
        else WriteInt16(-1);
    }

    /// <summary>Bytes with their length.</summary>
    public void WriteBytes(ReadOnlyMemory<byte> value)
    {
        if (IsFlexible) WriteUnsignedVarint((uint)value.Length + 1);
        else WriteInt32(value.Length);
        if (KeepsReferences && value.Length >= ReferenceFrom)
        {
            references.Add((length, value));
            referenced += value.Length;
        }
        else
        {
            value.Span.CopyTo(Take(value.Length));
        }
    }

    /// <summary>Bytes with their length, or null.</summary>
    public void WriteNullableBytes(ReadOnlyMemory<byte>? value)
    {
        if (value is { } bytes) WriteBytes(bytes);
        else if (IsFlexible) WriteUnsignedVarint(0);
        else WriteInt32(-1);
    }

    /// <summary>The number of elements of an array, -1 for null.</summary>
    public void WriteCount(int count)
    {
        if (IsFlexible) WriteUnsignedVarint((uint)(count + 1));
        else WriteInt32(count);
    }

    /// <summary>Whether a structure that may be null is there.</summary>
    public void WriteIsPresent(bool isPresent) => WriteInt8(isPresent ? (sbyte)1 : (sbyte)-1);

    /// <summary>The number of tagged fields.</summary>
    public void WriteTagCount(int count) => WriteUnsignedVarint((uint)count);

    /// <summary>A tag; its field follows.</summary>
    /// <returns>What <see cref="EndTag"/> wants.</returns>
    public int BeginTag(int tag)
    {
        WriteUnsignedVarint((uint)tag);
        tagged = references.Count;
        return length;
    }

    /// <summary>Ends a tagged field: puts its size before it.</summary>
    public void EndTag(int start)
    {
        if (references.Count > tagged) throw new NotSupportedException("A tagged field cannot hold bytes that are kept as references.");
        int size = length - start;
        int prefix = VarintSize((uint)size);
        Take(prefix);
        buffer.AsSpan(start, size).CopyTo(buffer.AsSpan(start + prefix));
        length = start;
        WriteUnsignedVarint((uint)size);
        length = start + prefix + size;
    }

    /// <summary>Overwrites 32 bits that were written before, for a length that was not known yet.</summary>
    public void PatchInt32(int position, int value) => BinaryPrimitives.WriteInt32BigEndian(buffer.AsSpan(position, sizeof(int)), value);

    private static int VarintSize(uint value) => (38 - System.Numerics.BitOperations.LeadingZeroCount(value | 1)) / 7;

    private void WriteUnsignedVarint(uint value)
    {
        while (value >= 0x80)
        {
            Take(1)[0] = (byte)(value | 0x80);
            value >>= 7;
        }

        Take(1)[0] = (byte)value;
    }

    private Span<byte> Take(int count)
    {
        if (count > buffer.Length - length) Grow(count);
        length += count;
        return buffer.AsSpan(length - count, count);
    }

    private void Grow(int count)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max((long)buffer.Length * 2, (long)length + count)));
        buffer.AsSpan(0, length).CopyTo(larger);
        byte[] former = buffer;
        buffer = larger;
        if (former.Length > 0) ArrayPool<byte>.Shared.Return(former);
    }
}
