using System.Buffers.Binary;
using System.Text;

namespace Pipelines.Protocol.Wire;

/// <summary>Reads the primitive types of the protocol from one frame; nothing is read beyond it, and nothing is allocated that it does not hold.</summary>
/// <remarks>Byte fields are slices of the frame: they are valid as long as its buffer is. Source: Kafka protocol, primitive types; KIP-482 for compact lengths and tagged fields.</remarks>
public ref struct MessageReader
{
    /// <summary>The most elements that the arrays of one message may have together.</summary>
    public const int MaxElements = 1_000_000;

    private readonly ReadOnlyMemory<byte> frame;
    private readonly ReadOnlySpan<byte> bytes;
    private int position;
    private int elements;

    /// <summary>A reader at the start of <paramref name="frame"/>.</summary>
    /// <param name="frame">The bytes of one message.</param>
    /// <param name="isFlexible">True for the compact encodings of flexible versions.</param>
    public MessageReader(ReadOnlyMemory<byte> frame, bool isFlexible)
    {
        this.frame = frame;
        bytes = frame.Span;
        IsFlexible = isFlexible;
    }

    /// <summary>True when lengths are compact and structures end with tagged fields.</summary>
    public bool IsFlexible { get; set; }

    /// <summary>The bytes read so far.</summary>
    public readonly int Position => position;

    /// <summary>The bytes left.</summary>
    public readonly int Remaining => bytes.Length - position;

    /// <summary>A byte that is not 0.</summary>
    public bool ReadBoolean() => Take(1)[0] != 0;

    /// <summary>8 bits.</summary>
    public sbyte ReadInt8() => (sbyte)Take(1)[0];

    /// <summary>16 bits, big-endian.</summary>
    public short ReadInt16() => BinaryPrimitives.ReadInt16BigEndian(Take(2));

    /// <summary>16 bits without sign, big-endian.</summary>
    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    /// <summary>32 bits, big-endian.</summary>
    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    /// <summary>32 bits without sign, big-endian.</summary>
    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    /// <summary>64 bits, big-endian.</summary>
    public long ReadInt64() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

    /// <summary>64 bits of IEEE 754, big-endian.</summary>
    public double ReadFloat64() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    /// <summary>16 bytes, the most significant first.</summary>
    public Guid ReadUuid() => new(Take(16), bigEndian: true);

    /// <summary>UTF-8 with its length; null is malformed.</summary>
    public string ReadString(string field) => ReadNullableString() ?? throw MalformedMessageException.Null(field);

    /// <summary>UTF-8 with its length, or null.</summary>
    public string? ReadNullableString()
    {
        int length = IsFlexible ? ReadCompactLength() : ReadInt16();
        if (length < -1) throw new MalformedMessageException($"A string of {length} bytes at byte {position}.");
        return length < 0 ? null : Encoding.UTF8.GetString(Take(length));
    }

    /// <summary>Bytes with their length; null is malformed.</summary>
    public ReadOnlyMemory<byte> ReadBytes(string field) => ReadNullableBytes() ?? throw MalformedMessageException.Null(field);

    /// <summary>Bytes with their length, or null.</summary>
    public ReadOnlyMemory<byte>? ReadNullableBytes()
    {
        int length = IsFlexible ? ReadCompactLength() : ReadInt32();
        if (length < -1) throw new MalformedMessageException($"A field of {length} bytes at byte {position}.");
        if (length < 0) return null;
        Take(length);
        return frame.Slice(position - length, length);
    }

    /// <summary>
    /// The number of elements of an array, -1 for null; never more than the rest of the frame can hold, and no more in the whole message than
    /// <see cref="MaxElements"/>: an element of two bytes in the frame is an object of fifty in memory.
    /// </summary>
    /// <param name="leastBytes">The fewest bytes that an element takes.</param>
    public int ReadCount(int leastBytes)
    {
        int count = IsFlexible ? ReadCompactLength() : ReadInt32();
        if (count < -1 || (long)count * leastBytes > Remaining)
            throw new MalformedMessageException($"An array of {count} elements at byte {position}, where {Remaining} bytes are left.");
        elements += Math.Max(count, 0);
        return elements > MaxElements ? throw new MalformedMessageException($"The message has more than {MaxElements} elements in its arrays.") : count;
    }

    /// <summary>Whether a structure that may be null is there.</summary>
    public bool ReadIsPresent() => ReadInt8() >= 0;

    /// <summary>The number of tagged fields.</summary>
    public int ReadTagCount()
    {
        uint count = ReadUnsignedVarint();
        return count * 2L > Remaining ? throw new MalformedMessageException($"{count} tagged fields, where {Remaining} bytes are left.") : (int)count;
    }

    /// <summary>A tag, and the position at which its field ends.</summary>
    public int ReadTag(out int end)
    {
        uint tag = ReadUnsignedVarint();
        uint size = ReadUnsignedVarint();
        if (size > Remaining || tag > int.MaxValue) throw new MalformedMessageException($"Tagged field {tag} of {size} bytes, where {Remaining} are left.");
        end = position + (int)size;
        return (int)tag;
    }

    /// <summary>Goes on at <paramref name="end"/>.</summary>
    public void SkipTo(int end) => position = end;

    /// <summary>Checks that a tagged field was as long as it said.</summary>
    public readonly void EndTag(int end)
    {
        if (position != end) throw new MalformedMessageException($"A tagged field ends at byte {position}, and says it ends at byte {end}.");
    }

    /// <summary>Goes past a section of tagged fields that nobody here knows.</summary>
    public void SkipTaggedFields()
    {
        for (int left = ReadTagCount(); left > 0; left--)
        {
            ReadTag(out int end);
            SkipTo(end);
        }
    }

    private int ReadCompactLength()
    {
        uint raw = ReadUnsignedVarint();
        return raw > int.MaxValue ? throw new MalformedMessageException($"A length of {raw} at byte {position}.") : (int)raw - 1;
    }

    private uint ReadUnsignedVarint()
    {
        uint value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            byte next = Take(1)[0];
            if (shift == 28 && next > 0x0F) break;
            value |= (uint)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }

        throw new MalformedMessageException($"A variable-length number at byte {position} is larger than 32 bits.");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > Remaining) throw new MalformedMessageException($"{count} bytes are wanted at byte {position}, and {Remaining} are left.");
        position += count;
        return bytes.Slice(position - count, count);
    }
}
