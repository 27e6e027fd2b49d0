using System.Text;
using Pipelines.Execution;

namespace Pipelines.Records.Tests;

public sealed class RoundTripTests
{
    internal static readonly Everything Sample = new(
        "id-1", true, 200, -100, -30000, 60000, -2_000_000_000, 4_000_000_000, long.MinValue, ulong.MaxValue, 1.5f, Math.PI, -79228162514264337593543950335m, 'ß',
        Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e"), new DateTimeOffset(2025, 12, 10, 9, 11, 0, 123, TimeSpan.FromHours(2)), new DateOnly(2025, 12, 10), TimeSpan.FromTicks(-7),
        Colour.Green, new Text("naïve 🙂"), [0, 255], [1, -1, 70000], ["a", ""], [new Point(1, 2)], [long.MaxValue], new Point(-3, 4), 5, "x\"y\\z\u0001", new Point(5, 6), Colour.Red, DateTimeOffset.UnixEpoch);

    [Fact]
    public void Every_type_comes_back_from_MessagePack() => AssertSame(Sample, RoundTrip(in Sample));

    [Fact]
    public void Nulls_come_back_from_MessagePack()
    {
        Everything sample = Sample with { MaybeInt = null, MaybeText = null, MaybePoint = null, MaybeColour = null, MaybeAt = null };
        AssertSame(sample, RoundTrip(in sample));
    }

    [Fact]
    public void A_default_record_can_be_written_and_read()
    {
        Everything empty = RoundTrip<Everything>(default);
        Assert.Equal("", empty.Id);
        Assert.Empty(empty.Ints);
        Assert.Empty(empty.Longs);
    }

    [Fact]
    public void Every_type_comes_back_from_Json()
    {
        EverythingJson json = ToJson(Sample);
        EverythingJson read = RoundTrip(in json);
        Assert.Equal(json with { Bytes = read.Bytes, Ints = read.Ints, Names = read.Names, Points = read.Points, Longs = read.Longs }, read);
        Assert.Equal(json.Ints, read.Ints);
        Assert.Equal(json.Names, read.Names);
        Assert.Equal(json.Points, read.Points);
        Assert.Equal(json.Bytes, read.Bytes);
    }

    [Theory]
    [InlineData("tr-TR")]
    [InlineData("de-DE")]
    public void The_culture_changes_nothing(string culture)
    {
        byte[] expected = Value(ToJson(Sample));
        byte[] packed = Value(Sample);
        var before = System.Globalization.CultureInfo.CurrentCulture;
        try
        {
            System.Globalization.CultureInfo.CurrentCulture = new System.Globalization.CultureInfo(culture);
            Assert.Equal(expected, Value(ToJson(Sample)));
            Assert.Equal(packed, Value(Sample));
            AssertSame(Sample, RoundTrip(in Sample));
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Json_is_camel_cased_and_leaves_nulls_out()
    {
        string json = Encoding.UTF8.GetString(Value(ToJson(Sample) with { MaybeInt = null, At = new DateTimeOffset(2025, 12, 10, 9, 11, 0, TimeSpan.Zero) }));
        Assert.Contains("\"at\":\"2025-12-10T09:11:00Z\"", json, StringComparison.Ordinal);
        Assert.Contains("\"sByte\":-100", json, StringComparison.Ordinal);
        Assert.Contains("\"colour\":\"Green\"", json, StringComparison.Ordinal);
        Assert.DoesNotContain("maybeInt", json, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_that_has_grown_reads_old_values_and_the_other_way_round()
    {
        var small = new Small(7, 8, 9);
        Assert.Equal(new SmallGrown(7, 8, 9, "", null), Read<SmallGrown>(null, Value(small)));
        Assert.Equal(small, Read<Small>(null, Value(new SmallGrown(7, 8, 9, "note", 1.5))));
    }

    [Fact]
    public void Text_records_are_key_and_value_as_they_are()
    {
        var row = new TextRow("host", new Text("the line"));
        Assert.Equal("the line"u8.ToArray(), Value(row));
        Assert.Equal("host"u8.ToArray(), Key(row));
        Assert.Equal(row, Read<TextRow>("host"u8.ToArray(), "the line"u8.ToArray()));
        Assert.Null(Read<TextRow>(null, "the line"u8.ToArray()).Host);
    }

    [Fact]
    public void Truncated_values_end_in_a_decode_exception_and_nothing_else()
    {
        byte[] value = Value(Sample);
        for (int length = 0; length < value.Length; length++)
            Assert.Throws<RecordFormatException>(() => Read<Everything>(null, value[..length]));
        byte[] json = Value(ToJson(Sample));
        for (int length = 0; length < json.Length; length++)
            Assert.Throws<RecordFormatException>(() => Read<EverythingJson>(null, json[..length]));
    }

    [Fact]
    public void Changed_bytes_end_in_a_record_or_a_decode_exception_and_nothing_else()
    {
        var random = new Random(1);
        byte[][] originals = [Value(Sample), Value(ToJson(Sample))];
        for (int i = 0; i < 20_000; i++)
        {
            byte[] value = [.. originals[i % 2]];
            for (int flips = random.Next(1, 4); flips > 0; flips--) value[random.Next(value.Length)] = (byte)random.Next(256);
            try
            {
                if (i % 2 == 0) Read<Everything>(null, value);
                else Read<EverythingJson>(null, value);
            }
            catch (RecordFormatException expected)
            {
                Assert.Contains("byte", expected.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_decode_error_names_record_member_and_byte()
    {
        var failure = Assert.Throws<RecordFormatException>(() => Read<Small>(null, [0x93, 0x01, 0xA1, (byte)'x', 0x02]));
        Assert.Equal("Record 'Pipelines.Records.Tests.Small', member 'Value', byte 2: found text where an integer was expected.", failure.Message);
    }

    [Fact]
    public void Reading_and_writing_records_without_strings_allocates_nothing()
    {
        var target = new EncodeBuffer();
        var small = new Small(1, 2, 3);
        byte[] bytes = Value(small);
        var entry = new RecordEntry(0, 0, 0, 0, 0, bytes.Length, 0, 0);
        for (int i = 0; i < 1000; i++) Once();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++) Once();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Once()
        {
            target.Clear();
            Small.Read(bytes, in entry, out Small read);
            Small.WriteKey(in read, target);
            Small.WriteValue(in read, target);
        }
    }

    internal static EverythingJson ToJson(Everything e) => new(
        e.Id, e.Bool, e.Byte, e.SByte, e.Short, e.UShort, e.Int, e.UInt, e.Long, e.ULong, e.Float, e.Double, e.Decimal, e.Char, e.Guid, e.At, e.Day, e.Span, e.Colour, e.Text,
        e.Bytes, e.Ints, e.Names, e.Points, e.Longs, e.Point, e.MaybeInt, e.MaybeText, e.MaybePoint, e.MaybeColour, e.MaybeAt);

    internal static byte[] Value<T>(in T record)
        where T : struct, IRecord<T>
    {
        var target = new EncodeBuffer();
        T.WriteValue(in record, target);
        return target.Written.ToArray();
    }

    internal static byte[] Key<T>(in T record)
        where T : struct, IRecord<T>
    {
        var target = new EncodeBuffer();
        T.WriteKey(in record, target);
        return target.Written.ToArray();
    }

    internal static T Read<T>(byte[]? key, byte[] value)
        where T : struct, IRecord<T>
    {
        byte[] bytes = [.. key ?? [], .. value];
        var entry = new RecordEntry(0, 0, 0, key?.Length ?? -1, key?.Length ?? 0, value.Length, 0, 0);
        T.Read(bytes, in entry, out T record);
        return record;
    }

    private static T RoundTrip<T>(in T record)
        where T : struct, IRecord<T> => Read<T>(Key(record), Value(record));

    private static void AssertSame(Everything expected, Everything actual)
    {
        Assert.Equal(expected.Bytes, actual.Bytes);
        Assert.Equal(expected.Ints, actual.Ints);
        Assert.Equal(expected.Names, actual.Names);
        Assert.Equal(expected.Points, actual.Points);
        Assert.Equal(expected.Longs.AsEnumerable(), actual.Longs.AsEnumerable());
        Assert.Equal(expected with { Bytes = [], Ints = [], Names = null!, Points = null!, Longs = default }, actual with { Bytes = expected.Bytes is null ? [] : [], Ints = [], Names = null!, Points = null!, Longs = default });
    }
}
