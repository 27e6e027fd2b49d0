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
    internal static int Size(long value)
    {
        int bits = 64 - System.Numerics.BitOperations.LeadingZeroCount(ZigZag(value) | 1);
        return (bits + 6) / 7;
    }

    /// <summary>Writes <paramref name="value"/> at the start of <paramref name="target"/>.</summary>
    /// <returns>The bytes written, 1 to 10.</returns>
    internal static int Write(Span<byte> target, long value)
    {
        ulong rest = ZigZag(value);
        int written = 0;
        while (rest >= 0x80)
        {
            target[written++] = (byte)(rest | 0x80);
            rest >>= 7;
        }

        target[written++] = (byte)rest;
        return written;
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
