using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Pipelines;

/// <summary>Reads MessagePack values one after the other; generated codecs call it.</summary>
/// <remarks>Every failure is a <see cref="RecordFormatException"/> that names record, member and byte. Source: the MessagePack specification.</remarks>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public ref partial struct MessagePackReader
{
    private readonly ReadOnlySpan<byte> bytes;
    private readonly byte[]? buffer;
    private readonly int start;
    private readonly RecordSchema? schema;
    private const int MaxDepth = 64;
    private int position;
    private int depth;

    /// <summary>A reader of a part of <paramref name="buffer"/>; texts borrow it.</summary>
    public MessagePackReader(byte[] buffer, int start, int length, RecordSchema schema)
    {
        bytes = length <= 0 ? default : buffer.AsSpan(start, length);
        this.buffer = buffer;
        this.start = start;
        this.schema = schema;
    }

    /// <summary>A reader of bytes that do not stay; texts are copies.</summary>
    public MessagePackReader(ReadOnlySpan<byte> bytes) => this.bytes = bytes;

    /// <summary>The index of the member being read, for messages.</summary>
    public int Member;

    /// <summary>True when everything was read.</summary>
    public readonly bool IsAtEnd => position == bytes.Length;

    /// <summary>What follows, to be read the quick way when it is integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly WholeNumbers BeginWholeNumbers() => buffer is null
        ? new WholeNumbers(bytes, position, bytes.Length)
        : new WholeNumbers(buffer.AsSpan(start), position, bytes.Length);

    /// <summary>Goes on behind what was read the quick way.</summary>
    /// <returns><see langword="false"/> when something was not taken: all of it is to be read with this reader.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool EndWholeNumbers(in WholeNumbers read)
    {
        if ((uint)read.Position > (uint)bytes.Length) return false;
        position = read.Position;
        return true;
    }

    /// <summary>Reads nil when it is next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadNil()
    {
        if (position >= bytes.Length || bytes[position] != 0xC0) return false;
        position++;
        return true;
    }

    /// <summary>Reads the head of an array.</summary>
    /// <returns>The number of its elements, never more than there are bytes left.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadArrayHeader()
    {
        byte code = ReadByte("an array");
        int count = (code & 0xF0) == 0x90 ? code & 0x0F : ReadLongArrayHeader(code);
        // An element takes a byte at least, so a lying count cannot ask for more memory than there are bytes.
        if (count > bytes.Length - position) ThrowCount(count);
        return count;
    }

    /// <summary>One record deeper; hostile bytes must not cost the stack.</summary>
    public void Enter()
    {
        if (++depth > MaxDepth) Throw($"records nested more than {MaxDepth} deep", "fewer");
    }

    /// <summary>Back from <see cref="Enter"/>.</summary>
    public void Leave() => depth--;

    /// <summary>Everything must have been read.</summary>
    public readonly void End()
    {
        if (!IsAtEnd) Throw($"{bytes.Length - position} bytes more", "the end of the record");
    }

    /// <summary>Skips one value of any type.</summary>
    public void Skip()
    {
        // Nesting is counted, not recursed into: hostile depth must not cost stack.
        long left = 1;
        while (left > 0)
        {
            left--;
            byte code = ReadByte("a value");
            switch (code)
            {
                case <= 0x7F or >= 0xE0 or 0xC0 or 0xC2 or 0xC3:
                    break;
                case <= 0x8F:
                    left += (code & 0x0F) * 2;
                    break;
                case <= 0x9F:
                    left += code & 0x0F;
                    break;
                case <= 0xBF:
                    Take(code & 0x1F, "text");
                    break;
                case 0xC4 or 0xD9:
                    Take(ReadByte("a length"), "bytes");
                    break;
                case 0xC5 or 0xDA:
                    Take(ReadUInt16(), "bytes");
                    break;
                case 0xC6 or 0xDB:
                    Take(ReadUInt32(), "bytes");
                    break;
                case 0xC7:
                    Take(ReadByte("a length") + 1L, "an extension");
                    break;
                case 0xC8:
                    Take(ReadUInt16() + 1L, "an extension");
                    break;
                case 0xC9:
                    Take(ReadUInt32() + 1L, "an extension");
                    break;
                case 0xCC or 0xD0:
                    Take(1, "a number");
                    break;
                case 0xCD or 0xD1:
                    Take(2, "a number");
                    break;
                case 0xCA or 0xCE or 0xD2:
                    Take(4, "a number");
                    break;
                case 0xCB or 0xCF or 0xD3:
                    Take(8, "a number");
                    break;
                case >= 0xD4 and <= 0xD8:
                    Take((1L << (code - 0xD4)) + 1, "an extension");
                    break;
                case 0xDC:
                    left += ReadUInt16();
                    break;
                case 0xDD:
                    left += ReadUInt32();
                    break;
                case 0xDE:
                    left += ReadUInt16() * 2L;
                    break;
                case 0xDF:
                    left += ReadUInt32() * 2L;
                    break;
                default:
                    position--;
                    ThrowFound("a value");
                    break;
            }
        }
    }

    private int ReadLongArrayHeader(byte code)
    {
        switch (code)
        {
            case 0xDC:
                return ReadUInt16();
            case 0xDD:
                uint count = ReadUInt32();
                if (count > int.MaxValue) Throw($"an array of {count} elements", "an array that fits");
                return (int)count;
            default:
                position--;
                ThrowFound("an array");
                return 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte ReadByte(string expected)
    {
        if ((uint)position >= (uint)bytes.Length) Throw("the end of the bytes", expected);
        return bytes[position++];
    }

    private ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2, "a length"));

    private uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4, "a length"));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> Take(long length, string what)
    {
        if (length > bytes.Length - position) ThrowShort(length, what);
        ReadOnlySpan<byte> taken = bytes.Slice(position, (int)length);
        position += (int)length;
        return taken;
    }

    [DoesNotReturn]
    private readonly void ThrowCount(int count) => Throw($"an array of {count} elements in {bytes.Length - position} bytes", "an array that fits");

    [DoesNotReturn]
    private readonly void ThrowShort(long length, string what) => Throw($"{what} of {length} bytes with {bytes.Length - position} left", what);

    [DoesNotReturn]
    private readonly void ThrowFound(string expected) => Throw(position < bytes.Length ? Describe(bytes[position]) : "the end of the bytes", expected);

    [DoesNotReturn]
    private readonly void Throw(string found, string expected)
    {
        string where = schema is null ? "A key or state" : $"Record '{schema.Name}'";
        string member = schema is not null && Member < schema.Members.Count ? $", member '{schema.Members[Member].Name}'" : "";
        throw new RecordFormatException($"{where}{member}, byte {position}: found {found} where {expected} was expected.");
    }

    private static string Describe(byte code) => code switch
    {
        <= 0x7F or >= 0xE0 or (>= 0xCC and <= 0xD3) => "an integer",
        <= 0x8F or 0xDE or 0xDF => "a map",
        <= 0x9F or 0xDC or 0xDD => "an array",
        <= 0xBF or 0xD9 or 0xDA or 0xDB => "text",
        0xC0 => "nil",
        0xC2 or 0xC3 => "a boolean",
        0xC4 or 0xC5 or 0xC6 => "bytes",
        0xCA or 0xCB => "a floating-point number",
        _ => "an extension",
    };
}
