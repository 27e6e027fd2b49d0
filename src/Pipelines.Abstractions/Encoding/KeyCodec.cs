using System.Buffers.Binary;
using System.Buffers.Text;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace Pipelines;

/// <summary>Keys of one member, as Kafka's own serializers write them; generated codecs call it.</summary>
/// <remarks>
/// Text is UTF-8, whole numbers and floating-point numbers are big-endian in their own size, a GUID is text in lower case, a boolean one byte; a time is
/// its Unix milliseconds as a 64-bit number (so times within one millisecond are one key), a date the number of its day and a time span its ticks. Null is no
/// bytes, as the empty text is. Equal values are equal keys: of a decimal the trailing zeros are left out, and in a key of several members a time is written in
/// UTC. Source: org.apache.kafka.common.serialization.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public static class KeyCodec
{
    /// <summary>Writes a key.</summary>
    public static void Write(EncodeBuffer target, string value) =>
        target.Advance(Encoding.UTF8.GetBytes(value, target.GetSpan(Encoding.UTF8.GetMaxByteCount(value?.Length ?? 0))));

    /// <summary>Writes a key.</summary>
    public static void Write(EncodeBuffer target, Text value) => target.Write(value.Utf8);

    /// <summary>Writes a key.</summary>
    public static void Write(EncodeBuffer target, byte[] value) => target.Write(value);

    /// <summary>Writes a key.</summary>
    public static void Write(EncodeBuffer target, bool value) => target.WriteByte(value ? (byte)1 : (byte)0);

    /// <summary>Writes a key.</summary>
    public static void Write(EncodeBuffer target, byte value) => target.WriteByte(value);

    /// <summary>Writes a key.</summary>
    public static void Write(EncodeBuffer target, sbyte value) => target.WriteByte((byte)value);

    /// <summary>Writes a key.</summary>
    public static void Write(EncodeBuffer target, short value)
    {
        BinaryPrimitives.WriteInt16BigEndian(target.GetSpan(2), value);
        target.Advance(2);
    }

    /// <summary>Writes a key.</summary>
    public static void Write(EncodeBuffer target, ushort value) => Write(target, (short)value);

    /// <summary>Writes a key.</summary>
    public static void Write(EncodeBuffer target, char value) => Write(target, (short)value);

    /// <summary>Writes a key.</summary>
    public static void Write(EncodeBuffer target, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(target.GetSpan(4), value);
        target.Advance(4);
    }

    /// <summary>Writes a key.</summary>
    public static void Write(EncodeBuffer target, uint value) => Write(target, (int)value);

    /// <summary>Writes a key.</summary>
    public static void Write(EncodeBuffer target, long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(target.GetSpan(8), value);
        target.Advance(8);
    }

    /// <summary>Writes a key.</summary>
    public static void Write(EncodeBuffer target, ulong value) => Write(target, (long)value);

    /// <summary>Writes a key.</summary>
    public static void Write(EncodeBuffer target, float value) => Write(target, BitConverter.SingleToInt32Bits(value));

    /// <summary>Writes a key.</summary>
    public static void Write(EncodeBuffer target, double value) => Write(target, BitConverter.DoubleToInt64Bits(value));

    /// <summary>Writes a key: MessagePack, since Kafka has no serializer for decimals.</summary>
    public static void Write(EncodeBuffer target, decimal value) => MessagePackWriter.Write(target, Canonical(value));

    /// <summary>Writes a key.</summary>
    public static void Write(EncodeBuffer target, Guid value)
    {
        Utf8Formatter.TryFormat(value, target.GetSpan(36), out int written, 'D');
        target.Advance(written);
    }

    /// <summary>Writes a key.</summary>
    public static void Write(EncodeBuffer target, DateTimeOffset value) => Write(target, value.ToUnixTimeMilliseconds());

    /// <summary>Writes a key.</summary>
    public static void Write(EncodeBuffer target, DateOnly value) => Write(target, value.DayNumber);

    /// <summary>Writes a key.</summary>
    public static void Write(EncodeBuffer target, TimeSpan value) => Write(target, value.Ticks);

    /// <summary>True when <paramref name="key"/> is what <see cref="Write(EncodeBuffer, int)"/> writes for the value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Is(ReadOnlySpan<byte> key, int value) => key.Length == sizeof(int) && BinaryPrimitives.ReadInt32BigEndian(key) == value;

    /// <summary>True when <paramref name="key"/> is what <see cref="Write(EncodeBuffer, uint)"/> writes for the value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Is(ReadOnlySpan<byte> key, uint value) => Is(key, (int)value);

    /// <summary>True when <paramref name="key"/> is what <see cref="Write(EncodeBuffer, long)"/> writes for the value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Is(ReadOnlySpan<byte> key, long value) => key.Length == sizeof(long) && BinaryPrimitives.ReadInt64BigEndian(key) == value;

    /// <summary>True when <paramref name="key"/> is what <see cref="Write(EncodeBuffer, ulong)"/> writes for the value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Is(ReadOnlySpan<byte> key, ulong value) => Is(key, (long)value);

    /// <summary>The same number without trailing zeros: 1.50 is 1.5, and one key.</summary>
    public static decimal Canonical(decimal value) => value / 1.0000000000000000000000000000m;

    /// <summary>The same number without trailing zeros, or null.</summary>
    public static decimal? Canonical(decimal? value) => value is { } number ? Canonical(number) : null;

    /// <summary>The same moment in UTC, so that it is one key whatever its offset.</summary>
    public static DateTimeOffset Canonical(DateTimeOffset value) => value.ToUniversalTime();

    /// <summary>The same moment in UTC, or null.</summary>
    public static DateTimeOffset? Canonical(DateTimeOffset? value) => value?.ToUniversalTime();

    /// <summary>Reads a key.</summary>
    public static void Read(ReadOnlySpan<byte> source, out string value) => value = Encoding.UTF8.GetString(source);

    /// <summary>Reads a key; the text is a copy.</summary>
    public static void Read(ReadOnlySpan<byte> source, out Text value) => value = new Text(source.ToArray(), 0, source.Length);

    /// <summary>Reads a key.</summary>
    public static void Read(ReadOnlySpan<byte> source, out byte[] value) => value = source.ToArray();

    /// <summary>Reads a key.</summary>
    public static void Read(ReadOnlySpan<byte> source, out bool value) => value = Sized(source, 1)[0] != 0;

    /// <summary>Reads a key.</summary>
    public static void Read(ReadOnlySpan<byte> source, out byte value) => value = Sized(source, 1)[0];

    /// <summary>Reads a key.</summary>
    public static void Read(ReadOnlySpan<byte> source, out sbyte value) => value = (sbyte)Sized(source, 1)[0];

    /// <summary>Reads a key.</summary>
    public static void Read(ReadOnlySpan<byte> source, out short value) => value = BinaryPrimitives.ReadInt16BigEndian(Sized(source, 2));

    /// <summary>Reads a key.</summary>
    public static void Read(ReadOnlySpan<byte> source, out ushort value) => value = BinaryPrimitives.ReadUInt16BigEndian(Sized(source, 2));

    /// <summary>Reads a key.</summary>
    public static void Read(ReadOnlySpan<byte> source, out char value) => value = (char)BinaryPrimitives.ReadUInt16BigEndian(Sized(source, 2));

    /// <summary>Reads a key.</summary>
    public static void Read(ReadOnlySpan<byte> source, out int value) => value = BinaryPrimitives.ReadInt32BigEndian(Sized(source, 4));

    /// <summary>Reads a key.</summary>
    public static void Read(ReadOnlySpan<byte> source, out uint value) => value = BinaryPrimitives.ReadUInt32BigEndian(Sized(source, 4));

    /// <summary>Reads a key.</summary>
    public static void Read(ReadOnlySpan<byte> source, out long value) => value = BinaryPrimitives.ReadInt64BigEndian(Sized(source, 8));

    /// <summary>Reads a key.</summary>
    public static void Read(ReadOnlySpan<byte> source, out ulong value) => value = BinaryPrimitives.ReadUInt64BigEndian(Sized(source, 8));

    /// <summary>Reads a key.</summary>
    public static void Read(ReadOnlySpan<byte> source, out float value) => value = BinaryPrimitives.ReadSingleBigEndian(Sized(source, 4));

    /// <summary>Reads a key.</summary>
    public static void Read(ReadOnlySpan<byte> source, out double value) => value = BinaryPrimitives.ReadDoubleBigEndian(Sized(source, 8));

    /// <summary>Reads a key.</summary>
    public static void Read(ReadOnlySpan<byte> source, out decimal value)
    {
        var reader = new MessagePackReader(source);
        reader.Read(out value);
        reader.End();
    }

    /// <summary>Reads a key.</summary>
    public static void Read(ReadOnlySpan<byte> source, out Guid value)
    {
        if (!Utf8Parser.TryParse(source, out value, out int read, 'D') || read != source.Length)
            throw new RecordFormatException($"A key of {source.Length} bytes is no GUID in text form.");
    }

    /// <summary>Reads a key.</summary>
    public static void Read(ReadOnlySpan<byte> source, out DateTimeOffset value)
    {
        Read(source, out long milliseconds);
        if (milliseconds is < -62135596800000 or > 253402300799999) throw new RecordFormatException($"A key of {milliseconds} ms is no time from year 1 to 9999.");
        value = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
    }

    /// <summary>Reads a key.</summary>
    public static void Read(ReadOnlySpan<byte> source, out DateOnly value)
    {
        Read(source, out int day);
        if (day < 0 || day > DateOnly.MaxValue.DayNumber) throw new RecordFormatException($"A key of {day} is no number of a day.");
        value = DateOnly.FromDayNumber(day);
    }

    /// <summary>Reads a key.</summary>
    public static void Read(ReadOnlySpan<byte> source, out TimeSpan value)
    {
        Read(source, out long ticks);
        value = TimeSpan.FromTicks(ticks);
    }

    /// <summary>Names the record and the member whose key could not be read.</summary>
    /// <exception cref="RecordFormatException">Always.</exception>
    [DoesNotReturn]
    public static void ThrowInRecord(RecordSchema schema, int member, RecordFormatException failure)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(failure);
        throw new RecordFormatException($"Record '{schema.Name}', member '{schema.Members[member].Name}', byte 0 of the key: {failure.Message}", failure);
    }

    private static ReadOnlySpan<byte> Sized(ReadOnlySpan<byte> source, int size) => source.Length == size
        ? source
        : throw new RecordFormatException($"A key has {source.Length} bytes where {size} were expected.");
}
