using System.Text.Json.Nodes;
using Pipelines.Protocol.Wire;

namespace Pipelines.Protocol.Tests.Messages;

public sealed class RoundTripTests
{
    [Fact]
    public void Random_messages_of_every_version_come_back_with_the_same_values_and_bytes()
    {
        var random = new Random(4);
        int messages = 0;
        foreach (MessagePart part in Schema.Parts)
        {
            foreach (short version in part.Versions)
            {
                for (int i = 0; i < 10; i++, messages++)
                {
                    IMessage message = new RandomMessage(part, random).Next(version);
                    byte[] bytes = part.Write(message, version);
                    IMessage read = part.Read(bytes, version);
                    string at = $"{part.Name} version {version}: {Convert.ToHexString(bytes)}";
                    Assert.True(JsonNode.DeepEquals(MessageJson.Of(part, message, version), MessageJson.Of(part, read, version)), at);
                    Assert.True(bytes.AsSpan().SequenceEqual(part.Write(read, version)), at);
                }
            }
        }

        Assert.True(messages > 3000, $"{messages} messages.");
    }

    [Fact]
    public void A_message_that_is_read_again_keeps_nothing_of_what_it_held()
    {
        var random = new Random(5);
        foreach (MessagePart part in Schema.Parts)
        {
            foreach (short version in part.Versions)
            {
                byte[] empty = part.Write(part.New(), version);
                IMessage used = new RandomMessage(part, random).Next(part.Versions.Last());
                var reader = new MessageReader(empty, part.IsFlexible(version));
                used.Read(ref reader, version);
                Assert.True(empty.AsSpan().SequenceEqual(part.Write(used, version)), $"{part.Name} version {version}");
            }
        }
    }
}
