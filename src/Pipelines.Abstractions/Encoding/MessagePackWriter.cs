using System.Buffers.Binary;
using System.Buffers.Text;
using System.ComponentModel;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Pipelines;

/// <summary>Writes MessagePack values in their shortest form; generated codecs call it.</summary>
/// <remarks>Source: the MessagePack specification; the forms of times, decimals and GUIDs are those of MessagePack for C#.</remarks>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public static class MessagePackWriter
{
    /// <summary>Writes nil.</summary>
    public static void WriteNil(EncodeBuffer target) => target.WriteByte(0xC0);

    /// <summary>Writes the head of an array.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteArrayHeader(EncodeBuffer target, int count)
    {
        if (count < 16) target.WriteByte((byte)(0x90 | count));
        else WriteHead(target, count, 0xDC, 0xDD);
    }

    /// <summary>Writes a value.</summary>
    public static void Write(EncodeBuffer target, bool value) => target.WriteByte(value ? (byte)0xC3 : (byte)0xC2);

    /// <summary>Writes a value.</summary>
    public static void Write(EncodeBuffer target, byte value) => Write(target, (long)value);

    /// <summary>Writes a value.</summary>
    public static void Write(EncodeBuffer target, sbyte value) => Write(target, (long)value);

    /// <summary>Writes a value.</summary>
    public static void Write(EncodeBuffer target, short value) => Write(target, (long)value);

    /// <summary>Writes a value.</summary>
    public static void Write(EncodeBuffer target, ushort value) => Write(target, (long)value);

    /// <summary>Writes a value: its UTF-16 code.</summary>
    public static void Write(EncodeBuffer target, char value) => Write(target, (long)value);

    /// <summary>Writes a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(EncodeBuffer target, int value) => Write(target, (long)value);

    /// <summary>Writes a value.</summary>
    public static void Write(EncodeBuffer target, uint value) => Write(target, (long)value);

    /// <summary>Writes a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(EncodeBuffer target, long value)
    {
        if ((ulong)(value + 32) < 160) target.WriteByte((byte)value);
        else WriteLong(target, value);
    }

    /// <summary>Writes a value.</summary>
    public static void Write(EncodeBuffer target, ulong value)
    {
        if (value <= long.MaxValue)
        {
            Write(target, (long)value);
            return;
        }

        Span<byte> span = target.GetSpan(9);
        span[0] = 0xCF;
        BinaryPrimitives.WriteUInt64BigEndian(span[1..], value);
        target.Advance(9);
    }

    /// <summary>Writes a value.</summary>
    public static void Write(EncodeBuffer target, float value)
    {
        Span<byte> span = target.GetSpan(5);
        span[0] = 0xCA;
        BinaryPrimitives.WriteSingleBigEndian(span[1..], value);
        target.Advance(5);
    }

    /// <summary>Writes a value.</summary>
    public static void Write(EncodeBuffer target, double value)
    {
        Span<byte> span = target.GetSpan(9);
        span[0] = 0xCB;
        BinaryPrimitives.WriteDoubleBigEndian(span[1..], value);
        target.Advance(9);
    }

    /// <summary>Writes a value as text in invariant form, so that no digit is lost.</summary>
    public static void Write(EncodeBuffer target, decimal value)
    {
        Span<byte> text = stackalloc byte[31];
        value.TryFormat(text, out int written, default, CultureInfo.InvariantCulture);
        WriteUtf8(target, text[..written]);
    }

    /// <summary>Writes a value as text with hyphens.</summary>
    public static void Write(EncodeBuffer target, Guid value)
    {
        Span<byte> text = stackalloc byte[36];
        Utf8Formatter.TryFormat(value, text, out _, 'D');
        WriteUtf8(target, text);
    }

    /// <summary>Writes a value as an array of a timestamp in local time and the offset in minutes.</summary>
    public static void Write(EncodeBuffer target, DateTimeOffset value)
    {
        target.WriteByte(0x92);
        WriteTimestamp(target, value.Ticks - DateTime.UnixEpoch.Ticks);
        Write(target, (short)(value.Offset.Ticks / TimeSpan.TicksPerMinute));
    }

    /// <summary>Writes a value as the number of the day.</summary>
    public static void Write(EncodeBuffer target, DateOnly value) => Write(target, (long)value.DayNumber);

    /// <summary>Writes a value as ticks of 100 ns.</summary>
    public static void Write(EncodeBuffer target, TimeSpan value) => Write(target, value.Ticks);

    /// <summary>Writes a value; null as an empty text.</summary>
    public static void Write(EncodeBuffer target, string value)
    {
        ReadOnlySpan<char> text = value;
        // A text of up to ten characters takes up to thirty bytes: one byte of length is sure to do.
        if (text.Length <= 10)
        {
            Span<byte> span = target.GetSpan(31);
            int written = Encoding.UTF8.GetBytes(text, span[1..]);
            span[0] = (byte)(0xA0 | written);
            target.Advance(written + 1);
            return;
        }

        WriteTextHead(target, Encoding.UTF8.GetByteCount(text));
        target.Advance(Encoding.UTF8.GetBytes(text, target.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
    }

    /// <summary>Writes a value.</summary>
    public static void Write(EncodeBuffer target, Text value) => WriteUtf8(target, value.Utf8);

    /// <summary>Writes a value; null as no bytes.</summary>
    public static void Write(EncodeBuffer target, byte[] value)
    {
        int length = value?.Length ?? 0;
        if (length <= byte.MaxValue)
        {
            target.WriteByte(0xC4);
            target.WriteByte((byte)length);
        }
        else
        {
            WriteHead(target, length, 0xC5, 0xC6);
        }

        target.Write(value);
    }

    private static void WriteUtf8(EncodeBuffer target, ReadOnlySpan<byte> text)
    {
        WriteTextHead(target, text.Length);
        target.Write(text);
    }

    private static void WriteTextHead(EncodeBuffer target, int length)
    {
        if (length < 32)
        {
            target.WriteByte((byte)(0xA0 | length));
        }
        else if (length <= byte.MaxValue)
        {
            target.WriteByte(0xD9);
            target.WriteByte((byte)length);
        }
        else
        {
            WriteHead(target, length, 0xDA, 0xDB);
        }
    }

    private static void WriteHead(EncodeBuffer target, int length, byte code16, byte code32)
    {
        Span<byte> span = target.GetSpan(5);
        if (length <= ushort.MaxValue)
        {
            span[0] = code16;
            BinaryPrimitives.WriteUInt16BigEndian(span[1..], (ushort)length);
            target.Advance(3);
            return;
        }

        span[0] = code32;
        BinaryPrimitives.WriteInt32BigEndian(span[1..], length);
        target.Advance(5);
    }

    private static void WriteLong(EncodeBuffer target, long value)
    {
        Span<byte> span = target.GetSpan(9);
        int size;
        if (value >= 0)
        {
            if (value <= byte.MaxValue) (span[0], span[1], size) = (0xCC, (byte)value, 2);
            else if (value <= ushort.MaxValue) size = Put16(span, 0xCD, (ushort)value);
            else if (value <= uint.MaxValue) size = Put32(span, 0xCE, (uint)value);
            else size = Put64(span, 0xCF, (ulong)value);
        }
        else
        {
            if (value >= sbyte.MinValue) (span[0], span[1], size) = (0xD0, (byte)value, 2);
            else if (value >= short.MinValue) size = Put16(span, 0xD1, (ushort)value);
            else if (value >= int.MinValue) size = Put32(span, 0xD2, (uint)value);
            else size = Put64(span, 0xD3, (ulong)value);
        }

        target.Advance(size);
    }

    private static int Put16(Span<byte> span, byte code, ushort value)
    {
        span[0] = code;
        BinaryPrimitives.WriteUInt16BigEndian(span[1..], value);
        return 3;
    }

    private static int Put32(Span<byte> span, byte code, uint value)
    {
        span[0] = code;
        BinaryPrimitives.WriteUInt32BigEndian(span[1..], value);
        return 5;
    }

    private static int Put64(Span<byte> span, byte code, ulong value)
    {
        span[0] = code;
        BinaryPrimitives.WriteUInt64BigEndian(span[1..], value);
        return 9;
    }

    private static void WriteTimestamp(EncodeBuffer target, long ticksSinceEpoch)
    {
        long seconds = Math.DivRem(ticksSinceEpoch, TimeSpan.TicksPerSecond, out long rest);
        if (rest < 0)
        {
            seconds--;
            rest += TimeSpan.TicksPerSecond;
        }

        ulong nanoseconds = (ulong)rest * 100;
        Span<byte> span = target.GetSpan(15);
        if (seconds >> 34 == 0)
        {
            ulong both = (nanoseconds << 34) | (ulong)seconds;
            if (both <= uint.MaxValue)
            {
                (span[0], span[1]) = (0xD6, 0xFF);
                BinaryPrimitives.WriteUInt32BigEndian(span[2..], (uint)both);
                target.Advance(6);
                return;
            }

            (span[0], span[1]) = (0xD7, 0xFF);
            BinaryPrimitives.WriteUInt64BigEndian(span[2..], both);
            target.Advance(10);
            return;
        }

        (span[0], span[1], span[2]) = (0xC7, 12, 0xFF);
        BinaryPrimitives.WriteUInt32BigEndian(span[3..], (uint)nanoseconds);
        BinaryPrimitives.WriteInt64BigEndian(span[7..], seconds);
        target.Advance(15);
    }
}
