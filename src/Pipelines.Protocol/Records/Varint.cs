using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pipelines.Protocol.Records;

/// <summary>Zigzag variable-length integers, as records of batch format v2 use them for lengths and deltas.</summary>
/// <remarks>Source: Kafka record format v2 (KIP-98); the encoding is that of Protocol Buffers' sint32 and sint64. Compiled into more than one assembly.</remarks>
internal static class Varint
{
    /// <summary>The most bytes that a 32-bit value takes.</summary>
    internal const int MaxInt32Bytes = 5;

    /// <summary>The most bytes that a 64-bit value takes.</summary>
    internal const int MaxInt64Bytes = 10;

    /// <summary>The number of bytes that <paramref name="value"/> takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Size(long value) => (BitOperations.Log2(ZigZag(value) | 1) / 7) + 1;

    /// <summary>Writes <paramref name="value"/> at the start of <paramref name="target"/>.</summary>
    /// <returns>The bytes written, 1 to 10.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Write(Span<byte> target, long value)
    {
        ulong raw = ZigZag(value);
        if (raw >= 0x80) return PutLong(ref MemoryMarshal.GetReference(target[..Size(value)]), raw);
        target[0] = (byte)raw;
        return 1;
    }

    /// <summary>Writes <paramref name="value"/>, unchecked: from <paramref name="target"/> on there must be <see cref="MaxInt64Bytes"/> that hold nothing yet.</summary>
    /// <returns>The bytes written, 1 to 10.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Put(ref byte target, long value)
    {
        ulong raw = ZigZag(value);
        if (raw < 0x80)
        {
            target = (byte)raw;
            return 1;
        }

        if (raw < 0x4000)
        {
            Unsafe.WriteUnaligned(ref target, LittleEndian((ushort)(0x80 | (raw & 0x7F) | (raw >> 7 << 8))));
            return 2;
        }

        if (raw >= 0x20_0000) return PutLong(ref target, raw);
        Unsafe.WriteUnaligned(ref target, LittleEndian((uint)(0x8080 | (raw & 0x7F) | ((raw >> 7 & 0x7F) << 8) | (raw >> 14 << 16))));
        return 3;
    }

    /// <summary>Reads a 32-bit value.</summary>
    /// <returns><see langword="false"/> when the bytes end too early, or go on for more than 5.</returns>
    internal static bool TryReadInt32(ReadOnlySpan<byte> source, out int value, out int read)
    {
        bool fits = TryRead(source, MaxInt32Bytes, out ulong raw, out read) && raw <= uint.MaxValue;
        value = fits ? (int)((uint)raw >> 1) ^ -(int)(raw & 1) : 0;
        return fits;
    }

    /// <summary>Reads a 64-bit value.</summary>
    /// <returns><see langword="false"/> when the bytes end too early, or go on for more than 10.</returns>
    internal static bool TryReadInt64(ReadOnlySpan<byte> source, out long value, out int read)
    {
        bool fits = TryRead(source, MaxInt64Bytes, out ulong raw, out read);
        value = fits ? (long)(raw >> 1) ^ -(long)(raw & 1) : 0;
        return fits;
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static int PutLong(ref byte target, ulong raw)
    {
        int written = 0;
        for (; raw >= 0x80; raw >>= 7) Unsafe.Add(ref target, written++) = (byte)(raw | 0x80);
        Unsafe.Add(ref target, written++) = (byte)raw;
        return written;
    }

    private static ushort LittleEndian(ushort value) => BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);

    private static uint LittleEndian(uint value) => BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);

    private static bool TryRead(ReadOnlySpan<byte> source, int most, out ulong raw, out int read)
    {
        raw = 0;
        for (read = 0; read < most && read < source.Length;)
        {
            byte next = source[read];
            int shift = 7 * read;
            read++;
            // The tenth byte has room for one bit only.
            if (shift == 63 && next > 1) return false;
            raw |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return true;
        }

        return false;
    }
}
