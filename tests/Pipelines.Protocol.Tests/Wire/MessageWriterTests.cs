using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Wire;

namespace Pipelines.Protocol.Tests.Wire;

public sealed class MessageWriterTests
{
    [Fact]
    public void A_tagged_field_of_any_size_gets_its_size_before_it()
    {
        foreach (int size in (int[])[0, 1, 127, 128, 16383, 16384, 70_000])
        {
            using var writer = new MessageWriter(16) { IsFlexible = true };
            writer.WriteTagCount(1);
            int start = writer.BeginTag(300);
            for (int i = 0; i < size; i++) writer.WriteInt8((sbyte)i);
            writer.EndTag(start);
            writer.WriteInt16(0x1234);
            var reader = new MessageReader(writer.Written, isFlexible: true);
            Assert.Equal(1, reader.ReadTagCount());
            Assert.Equal(300, reader.ReadTag(out int end));
            for (int i = 0; i < size; i++) Assert.Equal((sbyte)i, reader.ReadInt8());
            reader.EndTag(end);
            Assert.Equal(0x1234, reader.ReadInt16());
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_string_of_more_than_32767_bytes_is_refused(bool isFlexible)
    {
        using var writer = new MessageWriter { IsFlexible = isFlexible };
        writer.WriteString(new string('x', 32767));
        Assert.Throws<ArgumentException>(() => writer.WriteString(new string('é', 16384)));
    }

    [Fact]
    public void A_field_that_the_version_does_not_have_is_refused_by_its_name()
    {
        using var writer = new MessageWriter();
        var request = new HeartbeatRequest { GroupInstanceId = "i" };
        Assert.Contains("HeartbeatRequest.GroupInstanceId", Assert.Throws<UnsupportedFieldException>(() => request.Write(writer, 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_field_that_may_be_left_out_is()
    {
        using var writer = new MessageWriter();
        new HeartbeatResponse { ThrottleTimeMs = 5, ErrorCode = 7 }.Write(writer, 0);
        Assert.Equal([0, 7], writer.Written.ToArray());
    }

    [Fact]
    public void Null_is_refused_in_a_version_that_does_not_allow_it()
    {
        using var writer = new MessageWriter();
        Assert.Throws<UnsupportedFieldException>(() => new MetadataRequest { Topics = null }.Write(writer, 0));
    }

    [Fact]
    public void Headers_come_back_in_every_version_of_every_api()
    {
        foreach (Api api in Api.All)
        {
            for (short version = api.Versions.First; version <= api.Versions.Last; version++)
            {
                using var writer = new MessageWriter();
                var header = new RequestHeader(api.Key, version, 77, version % 2 == 0 ? "client" : null);
                header.Write(writer);
                var reader = new MessageReader(writer.Written, isFlexible: false);
                Assert.Equal(header, RequestHeader.Read(ref reader));
                Assert.Equal(api.IsFlexible(version), reader.IsFlexible);
                writer.Clear();
                ResponseHeader.Write(writer, api.Key, version, 78);
                reader = new MessageReader(writer.Written, isFlexible: false);
                Assert.Equal(78, ResponseHeader.Read(ref reader, api.Key, version));
                Assert.Equal(0, reader.Remaining);
            }
        }
    }
}
