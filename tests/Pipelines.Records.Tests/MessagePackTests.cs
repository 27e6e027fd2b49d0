using System.Collections.Immutable;
using System.Text;
using Pipelines.Execution;

namespace Pipelines.Records.Tests;

/// <summary>The bytes of each type, by the MessagePack specification, and what is accepted and refused when reading.</summary>
[Collection(nameof(Alone))]
public sealed class MessagePackTests
{
    [Theory]
    [InlineData(0L, "00")]
    [InlineData(127L, "7f")]
    [InlineData(128L, "cc80")]
    [InlineData(255L, "ccff")]
    [InlineData(256L, "cd0100")]
    [InlineData(65535L, "cdffff")]
    [InlineData(65536L, "ce00010000")]
    [InlineData(4294967295L, "ceffffffff")]
    [InlineData(4294967296L, "cf0000000100000000")]
    [InlineData(long.MaxValue, "cf7fffffffffffffff")]
    [InlineData(-1L, "ff")]
    [InlineData(-32L, "e0")]
    [InlineData(-33L, "d0df")]
    [InlineData(-128L, "d080")]
    [InlineData(-129L, "d1ff7f")]
    [InlineData(-32768L, "d18000")]
    [InlineData(-32769L, "d2ffff7fff")]
    [InlineData(int.MinValue, "d280000000")]
    [InlineData(int.MinValue - 1L, "d3ffffffff7fffffff")]
    [InlineData(long.MinValue, "d38000000000000000")]
    public void Numbers_take_their_shortest_form(long number, string hex) => Same(new One.Long(number), hex);

    [Fact]
    public void Every_type_has_known_bytes()
    {
        Same(new One.Bool(true), "c3");
        Same(new One.Bool(false), "c2");
        Same(new One.Byte(200), "ccc8");
        Same(new One.SByte(-100), "d09c");
        Same(new One.Short(-30000), "d18ad0");
        Same(new One.UShort(60000), "cdea60");
        Same(new One.Int(70000), "ce00011170");
        Same(new One.UInt(uint.MaxValue), "ceffffffff");
        Same(new One.ULong(ulong.MaxValue), "cfffffffffffffffff");
        Same(new One.Float(1.5f), "ca3fc00000");
        Same(new One.Double(Math.PI), "cb400921fb54442d18");
        Same(new One.Decimal(-12.50m), "a6" + Utf8Hex("-12.50"));
        Same(new One.Char('ß'), "ccdf");
        Same(new One.Id(Guid.Parse("0F8FAD5B-D9CB-469F-A165-70867728950E")), "d924" + Utf8Hex("0f8fad5b-d9cb-469f-a165-70867728950e"));
        Same(new One.Time(new DateTimeOffset(2025, 12, 10, 9, 11, 0, 123, TimeSpan.FromHours(2))), "92d7ff1d5353006939392478");
        Same(new One.Time(new DateTimeOffset(2025, 12, 10, 9, 11, 0, TimeSpan.Zero)), "92d6ff6939392400");
        Same(new One.Time(new DateTimeOffset(1969, 12, 31, 23, 59, 59, 500, TimeSpan.Zero)), "92c70cff1dcd6500ffffffffffffffff00");
        Same(new One.Day(new DateOnly(2025, 12, 10)), "ce000b490a");
        Same(new One.Span(TimeSpan.FromTicks(-7)), "f9");
        Same(new One.Enumerated(Colour.Green), "ccc8");
        Same(new One.Word(""), "a0");
        Same(new One.Word("naïve 🙂"), "ab" + Utf8Hex("naïve 🙂"));
        Same(new One.Utf8(new Text("naïve")), "a6" + Utf8Hex("naïve"));
        Same(new One.MaybeInt(null), "c0");
        Same(new One.MaybeInt(5), "05");
        Same(new One.MaybeWord(null), "c0");
        Same(new One.Place(new Point(-1, 300)), "92ffcd012c");
        Assert.Equal("91c40200ff", Hex(new One.Bytes([0, 255])));
        Assert.Equal("9193010203", Hex(new One.Ints([1, 2, 3])));
        Assert.Equal("919192ff05", Hex(new One.Points([new Point(-1, 5)])));
    }

    [Theory]
    [InlineData(31, "bf")]
    [InlineData(32, "d920")]
    [InlineData(255, "d9ff")]
    [InlineData(256, "da0100")]
    [InlineData(65535, "daffff")]
    [InlineData(65536, "db00010000")]
    public void Lengths_take_their_shortest_form(int length, string head)
    {
        string text = new('x', length);
        Assert.StartsWith("91" + head, Hex(new One.Word(text)), StringComparison.Ordinal);
        Assert.StartsWith("91" + head, Hex(new One.Utf8(new Text(text))), StringComparison.Ordinal);
        Assert.Equal(text, RoundTripTests.Read<One.Word>(null, RoundTripTests.Value(new One.Word(text))).Value);
        int[] numbers = new int[length];
        Assert.Equal(numbers, RoundTripTests.Read<One.Ints>(null, RoundTripTests.Value(new One.Ints(numbers))).Value);
        byte[] bytes = new byte[length];
        Assert.Equal(bytes, RoundTripTests.Read<One.Bytes>(null, RoundTripTests.Value(new One.Bytes(bytes))).Value);
    }

    [Theory]
    [InlineData("05")]
    [InlineData("cc05")]
    [InlineData("cd0005")]
    [InlineData("ce00000005")]
    [InlineData("cf0000000000000005")]
    [InlineData("d005")]
    [InlineData("d10005")]
    [InlineData("d200000005")]
    [InlineData("d30000000000000005")]
    public void Any_form_of_a_number_is_read_into_any_type_that_holds_it(string hex)
    {
        Assert.Equal(5, Read<One.Byte>(hex).Value);
        Assert.Equal(5, Read<One.SByte>(hex).Value);
        Assert.Equal(5, Read<One.Short>(hex).Value);
        Assert.Equal(5, Read<One.UShort>(hex).Value);
        Assert.Equal(5, Read<One.Int>(hex).Value);
        Assert.Equal(5u, Read<One.UInt>(hex).Value);
        Assert.Equal(5, Read<One.Long>(hex).Value);
        Assert.Equal(5ul, Read<One.ULong>(hex).Value);
        Assert.Equal(5, Read<One.Float>(hex).Value);
        Assert.Equal(5, Read<One.Double>(hex).Value);
        Assert.Equal(5, Read<One.Decimal>(hex).Value);
        Assert.Equal((char)5, Read<One.Char>(hex).Value);
        Assert.Equal(5, Read<One.MaybeInt>(hex).Value);
        Assert.Equal(5, Read<One.Span>(hex).Value.Ticks);
    }

    [Fact]
    public void Numbers_out_of_range_are_refused_with_the_number_and_the_range()
    {
        Refused<One.Byte>("cd0100", "byte 1: found the number 256 where one from 0 to 255 was expected");
        Refused<One.Byte>("ff", "the number -1");
        Refused<One.SByte>("cc80", "the number 128");
        Refused<One.Short>("cd8000", "the number 32768");
        Refused<One.UShort>("ce00010000", "the number 65536");
        Refused<One.Int>("ce80000000", "the number 2147483648");
        Refused<One.UInt>("e0", "the number -32");
        Refused<One.Long>("cf8000000000000000", "the number 9223372036854775808 where a smaller one");
        Refused<One.ULong>("ff", "the number -1");
        Refused<One.Char>("ff", "the number -1");
        Refused<One.Day>("ff", "the number -1");
        Refused<One.Day>("ce7fffffff", "the number 2147483647");
        Refused<One.Decimal>("cb7fefffffffffffff", "where one that a decimal can hold");
    }

    [Theory]
    [InlineData("05", 5)]
    [InlineData("e0", -32)]
    [InlineData("ccff", 255)]
    [InlineData("cdffff", 65535)]
    [InlineData("ce7fffffff", int.MaxValue)]
    [InlineData("cf000000007fffffff", int.MaxValue)]
    [InlineData("d080", -128)]
    [InlineData("d18000", -32768)]
    [InlineData("d280000000", int.MinValue)]
    [InlineData("d3ffffffff80000000", int.MinValue)]
    public void Numbers_side_by_side_are_read_whatever_their_form_and_place(string hex, int expected)
    {
        Assert.Equal(new Small(expected, expected, expected), ReadWhole<Small>("93" + hex + hex + hex));
        Assert.Equal(new Small(1, expected, 2), ReadWhole<Small>("9301" + hex + "02"));
        Assert.Equal(new Small(1, 2, expected), ReadWhole<Small>("930102" + hex));
        Assert.Equal(new Small(1, expected, 0), ReadWhole<Small>("9201" + hex));
        // More behind the record in the same buffer is none of its business.
        byte[] bytes = Convert.FromHexString("930102" + hex + "ffffffffffffffffff");
        RecordCodec<Small>.Read(bytes, new RecordEntry(0, 0, 0, -1, 0, bytes.Length - 9, bytes.Length - 9, 0), out Small record);
        Assert.Equal(new Small(1, 2, expected), record);
        for (int length = 1; length < bytes.Length - 9; length++)
            Assert.Throws<RecordFormatException>(() => RecordCodec<Small>.Read(bytes, new RecordEntry(0, 0, 0, -1, 0, length, length, 0), out _));
    }

    [Fact]
    public void Of_numbers_side_by_side_the_one_that_is_wrong_is_named()
    {
        RefusedWhole("9301ce8000000002", "member 'Value', byte 2: found the number 2147483648");
        RefusedWhole("93cf800000000000000002cc03", "member 'Id', byte 10: found the number 9223372036854775808");
        RefusedWhole("930102c0", "member 'AtMs', byte 3: found nil");
        RefusedWhole("9301a16103", "member 'Value', byte 2: found text");

        static void RefusedWhole(string hex, string says) =>
            Assert.Contains(says, Assert.Throws<RecordFormatException>(() => ReadWhole<Small>(hex)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("c0", "nil")]
    [InlineData("c3", "a boolean")]
    [InlineData("a161", "text")]
    [InlineData("c40161", "bytes")]
    [InlineData("90", "an array")]
    [InlineData("80", "a map")]
    [InlineData("d6ff00000000", "an extension")]
    [InlineData("cb3ff0000000000000", "a floating-point number")]
    [InlineData("c1", "an extension")]
    public void What_is_not_a_number_is_refused_by_name(string hex, string found) =>
        Refused<One.Int>(hex, $"Record 'Pipelines.Records.Tests.One.Int', member 'Value', byte 1: found {found} where an integer was expected.");

    [Fact]
    public void Text_is_text_and_bytes_are_bytes()
    {
        Refused<One.Word>("c40161", "found bytes where text was expected");
        Refused<One.Utf8>("c40161", "found bytes where text was expected");
        Refused<One.Bytes>("a161", "found text where bytes was expected");
        Refused<One.Id>("a3616263", "found the text 'abc' where a GUID was expected");
        Refused<One.Decimal>("a3616263", "found the text 'abc' where a decimal number was expected");
        Refused<One.Bool>("01", "found an integer where a boolean was expected");
    }

    [Fact]
    public void Times_are_read_as_timestamps_with_and_without_an_offset()
    {
        Assert.Equal(new DateTimeOffset(2025, 12, 10, 9, 11, 0, TimeSpan.Zero), Read<One.Time>("d6ff69393924").Value);
        Assert.Equal(new DateTimeOffset(2025, 12, 10, 9, 11, 0, 123, TimeSpan.Zero), Read<One.Time>("d7ff1d53530069393924").Value);
        Assert.Equal(TimeSpan.FromHours(2), Read<One.Time>("92d7ff1d5353006939392478").Value.Offset);
        Same(new One.Time(DateTimeOffset.MinValue), "92c70cff00000000fffffff1886e090000");
        Same(new One.Time(DateTimeOffset.MaxValue), "92c70cff3b9ac99c0000003afff4417f00");
        // An hour of offset would put this before year 1, or it is no offset, or there are more nanoseconds than in a second.
        Refused<One.Time>("92c70cff00000000fffffff1886e09003c", "a time from year 1 to 9999");
        Refused<One.Time>("92d6ff69393924cd0349", "the number 841");
        Refused<One.Time>("d7ffee6b280069393924", "one from year 1 to 9999");
        Refused<One.Time>("d6fe69393924", "a timestamp");
    }

    [Theory]
    [InlineData("ddffffffff")]
    [InlineData("dd7fffffff")]
    [InlineData("dcffff")]
    [InlineData("9f01")]
    public void A_count_that_lies_costs_no_memory(string hex)
    {
        byte[] value = Convert.FromHexString("91" + hex);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<RecordFormatException>(() => RoundTripTests.Read<One.Ints>(null, value));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
    }

    [Fact]
    public void A_count_that_the_bytes_bear_out_costs_no_more_than_what_is_read()
    {
        // A million bytes that could each be an element, the first of which is none.
        byte[] value = new byte[1_000_006];
        Convert.FromHexString("91dd000f4240c0").CopyTo(value, 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<RecordFormatException>(() => RoundTripTests.Read<One.Points>(null, value));
        // Reading copies the bytes once in this test.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, value.Length + (128 * 1024));
    }

    [Fact]
    public void Depth_is_bounded()
    {
        var tree = new One.Tree([]);
        for (int i = 0; i < 60; i++) tree = new One.Tree([tree]);
        Assert.Single(RoundTripTests.Read<One.Tree>(null, RoundTripTests.Value(tree)).Branches);
        byte[] deep = new byte[200_001];
        deep.AsSpan().Fill(0x91);
        deep[^1] = 0x90;
        Assert.Contains("nested more than 64 deep", Assert.Throws<RecordFormatException>(() => RoundTripTests.Read<One.Tree>(null, deep)).Message, StringComparison.Ordinal);
        // What is skipped is not entered, however deep.
        byte[] grown = [0x92, 0x01, .. deep];
        Assert.Equal(1, RoundTripTests.Read<One.Int>(null, grown).Value);
    }

    [Theory]
    [InlineData("c0")]
    [InlineData("c3")]
    [InlineData("cb3ff0000000000000")]
    [InlineData("d3ffffffffffffffff")]
    [InlineData("da000161")]
    [InlineData("db0000000161")]
    [InlineData("c40161")]
    [InlineData("c5000161")]
    [InlineData("c60000000161")]
    [InlineData("d4057f")]
    [InlineData("d8050102030405060708090a0b0c0d0e0f10")]
    [InlineData("c70305616263")]
    [InlineData("c8000305616263")]
    [InlineData("c90000000305616263")]
    [InlineData("82a16101a16292c0c3")]
    [InlineData("de0001a16101")]
    [InlineData("df0000000101c2")]
    [InlineData("dc000201dd00000001c0")]
    public void Whatever_a_later_version_appends_is_skipped(string hex)
    {
        byte[] value = Convert.FromHexString("9307" + hex + "2a");
        Assert.Equal(7, RoundTripTests.Read<One.Int>(null, value).Value);
        for (int length = 0; length < value.Length; length++) Assert.Throws<RecordFormatException>(() => RoundTripTests.Read<One.Int>(null, value[..length]));
    }

    [Fact]
    public void Bytes_after_the_record_are_refused() =>
        Assert.Equal(
            "Record 'Pipelines.Records.Tests.One.Int', member 'Value', byte 2: found 1 bytes more where the end of the record was expected.",
            Assert.Throws<RecordFormatException>(() => RoundTripTests.Read<One.Int>(null, [0x91, 1, 1])).Message);

    [Fact]
    public void A_text_borrows_the_batch()
    {
        byte[] buffer = [0xFF, 0xFF, 0x91, 0xA2, (byte)'h', (byte)'i'];
        var entry = new Execution.RecordEntry(0, 0, 0, -1, 2, 4, 0, 0);
        One.Utf8.Read(buffer, in entry, out One.Utf8 record);
        buffer[4] = (byte)'H';
        Assert.Equal("Hi", record.Value.ToString());
    }

    internal static string Hex<T>(in T record)
        where T : struct, IRecord<T> => Convert.ToHexStringLower(RoundTripTests.Value(in record));

    /// <summary>A record of one member: 91, then the value; and it comes back.</summary>
    private static void Same<T>(in T record, string hex)
        where T : struct, IRecord<T>, IEquatable<T>
    {
        Assert.Equal("91" + hex, Hex(in record));
        Assert.Equal(record, Read<T>(hex));
    }

    private static T Read<T>(string hex)
        where T : struct, IRecord<T> => RoundTripTests.Read<T>(null, Convert.FromHexString("91" + hex));

    private static T ReadWhole<T>(string hex)
        where T : struct, IRecord<T> => RoundTripTests.Read<T>(null, Convert.FromHexString(hex));

    private static void Refused<T>(string hex, string says)
        where T : struct, IRecord<T> =>
        Assert.Contains(says, Assert.Throws<RecordFormatException>(() => Read<T>(hex)).Message, StringComparison.Ordinal);

    private static string Utf8Hex(string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));
}
