using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Pipelines;

/// <content>One overload per type that a member can have.</content>
public ref partial struct MessagePackReader
{
    private const sbyte TimestampExtension = -1;

    /// <summary>Reads a value.</summary>
    public void Read(out bool value)
    {
        byte code = ReadByte("a boolean");
        if (code is not (0xC2 or 0xC3)) Back("a boolean");
        value = code == 0xC3;
    }

    /// <summary>Reads a value.</summary>
    public void Read(out byte value) => value = (byte)ReadInteger(0, byte.MaxValue);

    /// <summary>Reads a value.</summary>
    public void Read(out sbyte value) => value = (sbyte)ReadInteger(sbyte.MinValue, sbyte.MaxValue);

    /// <summary>Reads a value.</summary>
    public void Read(out short value) => value = (short)ReadInteger(short.MinValue, short.MaxValue);

    /// <summary>Reads a value.</summary>
    public void Read(out ushort value) => value = (ushort)ReadInteger(0, ushort.MaxValue);

    /// <summary>Reads a value.</summary>
    public void Read(out char value) => value = (char)ReadInteger(0, ushort.MaxValue);

    /// <summary>Reads a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Read(out int value) => value = (int)ReadInteger(int.MinValue, int.MaxValue);

    /// <summary>Reads a value.</summary>
    public void Read(out uint value) => value = (uint)ReadInteger(0, uint.MaxValue);

    /// <summary>Reads a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Read(out long value) => value = ReadInteger(long.MinValue, long.MaxValue);

    /// <summary>Reads a value.</summary>
    public void Read(out ulong value)
    {
        if (position < bytes.Length && bytes[position] == 0xCF)
        {
            position++;
            value = BinaryPrimitives.ReadUInt64BigEndian(Take(8, "a number"));
            return;
        }

        value = (ulong)ReadInteger(0, long.MaxValue);
    }

    /// <summary>Reads a value; whole numbers are taken too, since other languages write them for 1.0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Read(out double value)
    {
        if (bytes.Length - position >= 9 && bytes[position] == 0xCB)
        {
            value = BinaryPrimitives.ReadDoubleBigEndian(bytes.Slice(position + 1, 8));
            position += 9;
            return;
        }

        ReadOtherDouble(out value);
    }

    private void ReadOtherDouble(out double value)
    {
        byte code = ReadByte("a number");
        switch (code)
        {
            case 0xCB:
                value = BinaryPrimitives.ReadDoubleBigEndian(Take(8, "a number"));
                return;
            case 0xCA:
                value = BinaryPrimitives.ReadSingleBigEndian(Take(4, "a number"));
                return;
            default:
                position--;
                value = code == 0xCF ? ReadUInt64() : ReadInteger(long.MinValue, long.MaxValue);
                return;
        }
    }

    /// <summary>Reads a value.</summary>
    public void Read(out float value)
    {
        Read(out double wide);
        value = (float)wide;
    }

    /// <summary>Reads a value: text in invariant form, or a number.</summary>
    public void Read(out decimal value)
    {
        byte code = position < bytes.Length ? bytes[position] : (byte)0xC1;
        if (code is (>= 0xA0 and <= 0xBF) or 0xD9)
        {
            int at = position;
            ReadOnlySpan<byte> text = ReadUtf8();
            if (Utf8Parser.TryParse(text, out value, out int read) && read == text.Length) return;
            position = at;
            Throw($"the text '{Shown(text)}'", "a decimal number");
        }

        if (code is 0xCA or 0xCB)
        {
            Read(out double number);
            value = double.IsFinite(number) && Math.Abs(number) < 7.9e28 ? (decimal)number : OutOfRange<decimal>(number);
            return;
        }

        value = code == 0xCF ? ReadUInt64() : ReadInteger(long.MinValue, long.MaxValue);
    }

    /// <summary>Reads a value: text with hyphens, or sixteen bytes.</summary>
    public void Read(out Guid value)
    {
        int at = position;
        if (position < bytes.Length && bytes[position] == 0xC4)
        {
            Read(out byte[] raw);
            if (raw.Length == 16)
            {
                value = new Guid(raw, bigEndian: true);
                return;
            }

            position = at;
            Throw($"{raw.Length} bytes", "a GUID of 16");
        }

        ReadOnlySpan<byte> text = ReadUtf8();
        if (Utf8Parser.TryParse(text, out value, out int read, 'D') && read == text.Length) return;
        position = at;
        Throw($"the text '{Shown(text)}'", "a GUID");
    }

    /// <summary>Reads a value: an array of a timestamp in local time and the offset in minutes, or a timestamp alone.</summary>
    public void Read(out DateTimeOffset value)
    {
        if (position < bytes.Length && bytes[position] != 0x92)
        {
            value = new DateTimeOffset(ReadTimestamp(), TimeSpan.Zero);
            return;
        }

        if (ReadArrayHeader() != 2) Back("a time of two parts");
        DateTime local = ReadTimestamp();
        long minutes = ReadInteger(-14 * 60, 14 * 60);
        long utcTicks = local.Ticks - (minutes * TimeSpan.TicksPerMinute);
        if (utcTicks < 0 || utcTicks > DateTime.MaxValue.Ticks) Throw(Invariant($"{local:O} with an offset of {minutes} minutes"), "a time from year 1 to 9999");
        value = new DateTimeOffset(local.Ticks, TimeSpan.FromMinutes(minutes));
    }

    /// <summary>Reads a value: the number of the day, 0 for 0001-01-01.</summary>
    public void Read(out DateOnly value) => value = DateOnly.FromDayNumber((int)ReadInteger(0, DateOnly.MaxValue.DayNumber));

    /// <summary>Reads a value: ticks of 100 ns.</summary>
    public void Read(out TimeSpan value) => value = TimeSpan.FromTicks(ReadInteger(long.MinValue, long.MaxValue));

    /// <summary>Reads a value.</summary>
    public void Read(out string value) => value = Encoding.UTF8.GetString(ReadUtf8());

    /// <summary>Reads a value that borrows the buffer when there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Read(out Text value)
    {
        ReadOnlySpan<byte> text = ReadUtf8();
        value = buffer is null ? new Text(text.ToArray(), 0, text.Length) : new Text(buffer, start + position - text.Length, text.Length);
    }

    /// <summary>Reads a value.</summary>
    public void Read(out byte[] value)
    {
        byte code = ReadByte("bytes");
        switch (code)
        {
            case 0xC4:
                value = Take(ReadByte("a length"), "bytes").ToArray();
                return;
            case 0xC5:
                value = Take(ReadUInt16(), "bytes").ToArray();
                return;
            case 0xC6:
                value = Take(ReadUInt32(), "bytes").ToArray();
                return;
            default:
                Back("bytes");
                value = [];
                return;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> ReadUtf8()
    {
        byte code = ReadByte("text");
        return (code & 0xE0) == 0xA0 ? Take(code & 0x1F, "text") : ReadLongUtf8(code);
    }

    private ReadOnlySpan<byte> ReadLongUtf8(byte code)
    {
        switch (code)
        {
            case 0xD9:
                return Take(ReadByte("a length"), "text");
            case 0xDA:
                return Take(ReadUInt16(), "text");
            case 0xDB:
                return Take(ReadUInt32(), "text");
            default:
                Back("text");
                return default;
        }
    }

    private ulong ReadUInt64()
    {
        position++;
        return BinaryPrimitives.ReadUInt64BigEndian(Take(8, "a number"));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long ReadInteger(long least, long most)
    {
        // As a signed byte the one-byte numbers, 0 to 127 and -32 to -1, are one range.
        if ((uint)position < (uint)bytes.Length && (sbyte)bytes[position] is >= -32 and var small && small >= least)
        {
            position++;
            return small;
        }

        return ReadLongInteger(least, most);
    }

    /// <summary>A number that takes more than a byte: one look at its head, one at what is left.</summary>
    private long ReadLongInteger(long least, long most)
    {
        ReadOnlySpan<byte> rest = bytes[position..];
        long value;
        int size;
        switch (rest.Length > 0 ? rest[0] : 0)
        {
            case 0xCC when rest.Length >= 2:
                (value, size) = (rest[1], 2);
                break;
            case 0xCD when rest.Length >= 3:
                (value, size) = (BinaryPrimitives.ReadUInt16BigEndian(rest[1..]), 3);
                break;
            case 0xCE when rest.Length >= 5:
                (value, size) = (BinaryPrimitives.ReadUInt32BigEndian(rest[1..]), 5);
                break;
            // Negative as a long: over the most that fits.
            case 0xCF or 0xD3 when rest.Length >= 9 && (rest[0] == 0xD3 || rest[1] <= 0x7F):
                (value, size) = (BinaryPrimitives.ReadInt64BigEndian(rest[1..]), 9);
                break;
            case 0xD0 when rest.Length >= 2:
                (value, size) = ((sbyte)rest[1], 2);
                break;
            case 0xD1 when rest.Length >= 3:
                (value, size) = (BinaryPrimitives.ReadInt16BigEndian(rest[1..]), 3);
                break;
            case 0xD2 when rest.Length >= 5:
                (value, size) = (BinaryPrimitives.ReadInt32BigEndian(rest[1..]), 5);
                break;
            case <= 0x7F or >= 0xE0 when rest.Length > 0:
                (value, size) = ((sbyte)rest[0], 1);
                break;
            default:
                ThrowNoInteger();
                return 0;
        }

        if (value < least || value > most) Throw(Invariant($"the number {value}"), Invariant($"one from {least} to {most}"));
        position += size;
        return value;
    }

    [DoesNotReturn]
    private void ThrowNoInteger()
    {
        byte code = ReadByte("an integer");
        int size = code switch { 0xCC or 0xD0 => 1, 0xCD or 0xD1 => 2, 0xCE or 0xD2 => 4, 0xCF or 0xD3 => 8, _ => 0 };
        if (size == 0) Back("an integer");
        ReadOnlySpan<byte> digits = Take(size, "a number");
        Throw(Invariant($"the number {BinaryPrimitives.ReadUInt64BigEndian(digits)}"), "a smaller one");
    }

    /// <summary>The timestamp extension, type -1, in its forms of 4, 8 and 12 bytes.</summary>
    private DateTime ReadTimestamp()
    {
        byte code = ReadByte("a timestamp");
        int length = code switch { 0xD6 => 4, 0xD7 => 8, 0xC7 => ReadByte("a length"), _ => 0 };
        if (length is not (4 or 8 or 12)) Back("a timestamp");
        if ((sbyte)ReadByte("a timestamp") != TimestampExtension) Back("a timestamp");
        ReadOnlySpan<byte> data = Take(length, "a timestamp");
        long seconds;
        uint nanoseconds = 0;
        if (length == 4)
        {
            seconds = BinaryPrimitives.ReadUInt32BigEndian(data);
        }
        else if (length == 8)
        {
            ulong both = BinaryPrimitives.ReadUInt64BigEndian(data);
            nanoseconds = (uint)(both >> 34);
            seconds = (long)(both & 0x3_FFFF_FFFF);
        }
        else
        {
            nanoseconds = BinaryPrimitives.ReadUInt32BigEndian(data);
            seconds = BinaryPrimitives.ReadInt64BigEndian(data[4..]);
        }

        if (nanoseconds > 999_999_999 || seconds is < -62135596800 or > 253402300799) Throw(Invariant($"a timestamp of {seconds} seconds"), "one from year 1 to 9999");
        return DateTime.UnixEpoch.AddTicks((seconds * TimeSpan.TicksPerSecond) + (nanoseconds / 100));
    }

    [DoesNotReturn]
    private void Back(string expected)
    {
        position--;
        ThrowFound(expected);
    }

    private readonly T OutOfRange<T>(double number)
    {
        Throw(Invariant($"the number {number}"), "one that a decimal can hold");
        return default!;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Shown(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text[..Math.Min(text.Length, 40)]);
}
