using Pipelines.Protocol.Messages;

namespace Pipelines.Protocol.Wire;

/// <summary>What comes before every request.</summary>
/// <param name="ApiKey">The API; any number, when it was read.</param>
/// <param name="ApiVersion">The version of the request and of its answer.</param>
/// <param name="CorrelationId">Given back with the answer.</param>
/// <param name="ClientId">What the client calls itself, or null.</param>
/// <remarks>Versions 1 and 2; the client's id is never compact. Source: Kafka protocol, request header; KIP-511, KIP-482.</remarks>
public readonly record struct RequestHeader(ApiKey ApiKey, short ApiVersion, int CorrelationId, string? ClientId)
{
    /// <summary>Reads a header; the reader stands at the request's first field afterwards and knows whether it is flexible.</summary>
    /// <remarks>An API or version that has no schema here is read as far as the header of version 1 goes, so that it can be refused by its number.</remarks>
    /// <exception cref="MalformedMessageException">The bytes are not a header.</exception>
    public static RequestHeader Read(ref MessageReader reader)
    {
        reader.IsFlexible = false;
        var key = (ApiKey)reader.ReadInt16();
        short version = reader.ReadInt16();
        int correlation = reader.ReadInt32();
        string? client = reader.ReadNullableString();
        if (Api.Find(key) is { } api && api.IsFlexible(version))
        {
            reader.IsFlexible = true;
            reader.SkipTaggedFields();
        }

        return new RequestHeader(key, version, correlation, client);
    }

    /// <summary>Writes the header that the API's version asks for.</summary>
    public void Write(MessageWriter writer)
    {
        writer.IsFlexible = false;
        writer.WriteInt16((short)ApiKey);
        writer.WriteInt16(ApiVersion);
        writer.WriteInt32(CorrelationId);
        writer.WriteNullableString(ClientId);
        if (Api.Of(ApiKey).IsFlexible(ApiVersion))
        {
            writer.IsFlexible = true;
            writer.WriteTagCount(0);
        }
    }
}
