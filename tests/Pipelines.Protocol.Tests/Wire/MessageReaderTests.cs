using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Wire;

namespace Pipelines.Protocol.Tests.Wire;

public sealed class MessageReaderTests
{
    [Theory]
    [InlineData("7F01", true)] // A string of 126 bytes where one is there.
    [InlineData("FFFFFFFF0F", true)]
    [InlineData("FFFFFFFF1F", true)] // 33 bits.
    [InlineData("808080808000", true)] // Six bytes for a length.
    [InlineData("80", true)]
    [InlineData("FFFE", false)] // A length of -2.
    [InlineData("7FFF41", false)]
    [InlineData("00", false)]
    [InlineData("", true)]
    public void A_string_that_the_frame_does_not_hold_is_malformed(string hex, bool isFlexible) =>
        Assert.Throws<MalformedMessageException>(() => Reader(hex, isFlexible).ReadNullableString());

    [Theory]
    [InlineData("00", true, null)]
    [InlineData("FFFF", false, null)]
    [InlineData("01", true, "")]
    [InlineData("0000", false, "")]
    [InlineData("03C3A9", true, "é")]
    [InlineData("0002C3A9", false, "é")]
    [InlineData("818080800041", true, "")] // A length may be longer than it needs to be.
    public void A_string_is_read(string hex, bool isFlexible, string? expected) => Assert.Equal(expected, Reader(hex, isFlexible).ReadNullableString());

    [Fact]
    public void A_string_of_32768_bytes_is_malformed_even_where_its_length_is_compact()
    {
        byte[] frame = [0x81, 0x80, 0x02, .. new byte[32768]];
        Assert.Throws<MalformedMessageException>(() => new MessageReader(frame, isFlexible: true).ReadNullableString());
        byte[] longest = [0x80, 0x80, 0x02, .. new byte[32767]];
        Assert.Equal(32767, new MessageReader(longest, isFlexible: true).ReadNullableString()!.Length);
    }

    [Theory]
    [InlineData("7FFFFFFF", false)]
    [InlineData("FFFFFFFE", false)]
    [InlineData("80000000", false)]
    [InlineData("FFFFFFFF0F", true)]
    [InlineData("8080808010", true)]
    [InlineData("03AA", true)]
    public void Bytes_that_the_frame_does_not_hold_are_malformed(string hex, bool isFlexible) =>
        Assert.Throws<MalformedMessageException>(() => Reader(hex, isFlexible).ReadNullableBytes());

    [Fact]
    public void Null_is_malformed_where_it_is_not_allowed()
    {
        Assert.Contains("'Name'", Assert.Throws<MalformedMessageException>(() => Reader("00", true).ReadString("Name")).Message, StringComparison.Ordinal);
        Assert.Throws<MalformedMessageException>(() => Reader("FFFF", false).ReadString("Name"));
        Assert.Throws<MalformedMessageException>(() => Reader("00", true).ReadBytes("Data"));
        Assert.Throws<MalformedMessageException>(() => Reader("FFFFFFFF", false).ReadBytes("Data"));
    }

    [Fact]
    public void Bytes_are_a_slice_of_the_frame()
    {
        byte[] frame = [3, 1, 2];
        ReadOnlyMemory<byte> bytes = new MessageReader(frame, isFlexible: true).ReadBytes("Data");
        frame[2] = 9;
        Assert.Equal([1, 9], bytes.ToArray());
    }

    [Theory]
    [InlineData("00000003AABB", false, 1, false)]
    [InlineData("00000002AABB", false, 1, true)]
    [InlineData("00000002AABB", false, 2, false)]
    [InlineData("7FFFFFFFAABB", false, 1, false)]
    [InlineData("7FFFFFFFAABB", false, 16, false)] // The product is more than 32 bits.
    [InlineData("FFFFFFFE", false, 1, false)]
    [InlineData("03AABB", true, 1, true)]
    [InlineData("04AABB", true, 1, false)]
    public void An_array_has_no_more_elements_than_the_rest_can_hold(string hex, bool isFlexible, int leastBytes, bool isRight)
    {
        if (isRight) Assert.Equal(2, Reader(hex, isFlexible).ReadCount(leastBytes));
        else Assert.Throws<MalformedMessageException>(() => Reader(hex, isFlexible).ReadCount(leastBytes));
    }

    [Fact]
    public void The_arrays_of_a_message_have_no_more_elements_together_than_the_limit()
    {
        var writer = new MessageWriter();
        writer.WriteInt32(MessageReader.MaxElements);
        writer.WriteInt32(1);
        byte[] frame = [.. writer.Written.Span, .. new byte[MessageReader.MaxElements]];
        writer.Dispose();
        Assert.Throws<MalformedMessageException>(() =>
        {
            var reader = new MessageReader(frame, isFlexible: false);
            Assert.Equal(MessageReader.MaxElements, reader.ReadCount(1));
            reader.ReadCount(1);
        });
    }

    [Fact]
    public void Unknown_tagged_fields_are_passed_over_wherever_they_are()
    {
        // Heartbeat version 4: no throttle, no error; tags 5 with two bytes and 2,000,000,000 with none.
        var reader = Reader("00000000" + "0000" + "02" + "05" + "02" + "AABB" + "80A8D6B907" + "00", true);
        var answer = new HeartbeatResponse();
        answer.Read(ref reader, 4);
        Assert.Equal(0, reader.Remaining);
    }

    [Theory]
    [InlineData("02" + "0500")] // Two are told, one is there.
    [InlineData("01" + "0503AABB")] // Longer than the frame.
    [InlineData("FFFFFFFF0F" + "0500")]
    [InlineData("01" + "FFFFFFFF0F" + "00")]
    public void Tagged_fields_that_the_frame_does_not_hold_are_malformed(string hex) =>
        Assert.Throws<MalformedMessageException>(() => Reader(hex, true).SkipTaggedFields());

    [Theory]
    [InlineData("01" + "07" + "0000000000000005")] // Shorter than the value.
    [InlineData("01" + "09" + "0000000000000005FF")]
    public void A_known_tagged_field_is_as_long_as_it_says(string tag)
    {
        // ApiVersions version 3: error 0, no keys, no throttle, tag 1 is eight bytes.
        Assert.Throws<MalformedMessageException>(() =>
        {
            var reader = Reader("0000" + "01" + "00000000" + "01" + tag, true);
            new ApiVersionsResponse().Read(ref reader, 3);
        });
    }

    [Fact]
    public void A_header_of_an_unknown_api_is_read_so_that_it_can_be_refused()
    {
        var reader = Reader("03E7" + "0001" + "00000007" + "0001" + "41", false);
        Assert.Equal(new RequestHeader((ApiKey)999, 1, 7, "A"), RequestHeader.Read(ref reader));
    }

    private static MessageReader Reader(string hex, bool isFlexible) => new(Convert.FromHexString(hex), isFlexible);
}
