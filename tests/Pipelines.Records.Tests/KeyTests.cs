using Pipelines.Execution;

namespace Pipelines.Records.Tests;

/// <summary>Keys as Kafka's own serializers write them; the bytes are theirs.</summary>
public sealed class KeyTests
{
    [Fact]
    public void A_record_that_finds_out_its_event_time_itself_is_asked_with_its_timestamp()
    {
        Assert.Equal(107, TimeOf(new Delayed(1, 7), 100));
        static long TimeOf<T>(in T record, long timestampMs)
            where T : struct, IRecord<T> => T.EventTime(in record, timestampMs);
    }

    [Fact]
    public void Text_is_utf8() => Assert.Equal("6e61c3af7665", Hex(new TwoText("naïve")));

    [Fact]
    public void A_long_is_eight_bytes_big_endian() => Assert.Equal("0000000000000007", Hex(new Small(7, 1, 1)));

    [Fact]
    public void An_int_is_four_bytes_big_endian() => Assert.Equal("fffffffe", Hex(new IntKeyed(-2)));

    [Fact]
    public void A_guid_is_its_text() =>
        Assert.Equal("0f8fad5b-d9cb-469f-a165-70867728950e"u8.ToArray(), RoundTripTests.Key(new UuidKeyed(Guid.Parse("0F8FAD5B-D9CB-469F-A165-70867728950E"), "")));

    [Fact]
    public void Several_members_are_a_MessagePack_array() => Assert.Equal("92a161cd012c", Hex(new TwoKeys("a", 300, 1)));

    [Fact]
    public void A_key_comes_back()
    {
        KeyCodec.Read(RoundTripTests.Key(new Small(long.MinValue, 1, 1)), out long number);
        Assert.Equal(long.MinValue, number);
        KeyCodec.Read(RoundTripTests.Key(new UuidKeyed(Guid.Empty, "")), out Guid id);
        Assert.Equal(Guid.Empty, id);
        Assert.Throws<RecordFormatException>(() => KeyCodec.Read([1, 2, 3], out int _));
    }

    [Fact]
    public void The_schema_tells_members_and_a_fingerprint_that_tells_types_apart()
    {
        Assert.Equal(16, Small.Schema.Fingerprint.Length);
        Assert.NotEqual(Small.Schema.Fingerprint, SmallGrown.Schema.Fingerprint);
        Assert.Equal(["Id", "Value", "AtMs"], Small.Schema.Members.Select(static member => member.Name));
        Assert.True(Small.Schema.Members[0].IsKey);
        Assert.True(Small.Schema.Members[2].IsEventTime);
        Assert.Equal(RecordKind.Table, TextRow.Schema.Kind);
        Assert.True(TextRow.Schema.BorrowsBytes);
        Assert.False(Small.Schema.BorrowsBytes);
    }

    private static string Hex<T>(in T record)
        where T : struct, IRecord<T> => Convert.ToHexStringLower(RoundTripTests.Key(in record));
}

[Topic("text-keyed")]
public readonly partial record struct TwoText([Key] Text Name);

[Topic("int-keyed")]
public readonly partial record struct IntKeyed([Key] int Id);
