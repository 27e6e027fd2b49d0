using Pipelines.Protocol.Messages;

namespace Pipelines.Protocol.Wire;

/// <summary>What comes before every answer: the correlation id, and tagged fields in flexible versions.</summary>
/// <remarks>An answer to ApiVersions never has tagged fields in its header, so that a client that knows no version yet can read it. Source: Kafka protocol, response header; KIP-511.</remarks>
public static class ResponseHeader
{
    /// <summary>Reads a header; the reader stands at the answer's first field afterwards and knows whether it is flexible.</summary>
    /// <returns>The correlation id.</returns>
    /// <exception cref="MalformedMessageException">The bytes are not a header.</exception>
    public static int Read(ref MessageReader reader, ApiKey key, short version)
    {
        int correlation = reader.ReadInt32();
        reader.IsFlexible = Api.Of(key).IsFlexible(version);
        if (reader.IsFlexible && key != ApiKey.ApiVersions) reader.SkipTaggedFields();
        return correlation;
    }

    /// <summary>Writes a header.</summary>
    public static void Write(MessageWriter writer, ApiKey key, short version, int correlationId)
    {
        writer.WriteInt32(correlationId);
        writer.IsFlexible = Api.Of(key).IsFlexible(version);
        if (writer.IsFlexible && key != ApiKey.ApiVersions) writer.WriteTagCount(0);
    }
}
