namespace Pipelines.Protocol.Wire;

/// <summary>Bytes that are not the message they should be.</summary>
public sealed class MalformedMessageException(string message) : Exception(message)
{
    internal static MalformedMessageException Null(string field) => new($"Field '{field}' is null, which its version does not allow.");
}
