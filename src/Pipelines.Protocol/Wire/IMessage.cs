using Pipelines.Protocol.Messages;

namespace Pipelines.Protocol.Wire;

/// <summary>A message of the Kafka protocol: read and written in any version of its schema.</summary>
public interface IMessage
{
    /// <summary>Reads every field of the version; fields that it does not have get their defaults.</summary>
    /// <exception cref="MalformedMessageException">The bytes are not such a message.</exception>
    void Read(ref MessageReader reader, short version);

    /// <summary>Writes the fields of the version.</summary>
    /// <exception cref="UnsupportedFieldException">A field that the version does not have is set and may not be left out.</exception>
    void Write(MessageWriter writer, short version);
}

/// <summary>An answer.</summary>
public interface IResponse : IMessage
{
    /// <summary>The API.</summary>
    static abstract ApiKey ApiKey { get; }
}

/// <summary>A request, which is answered by a <typeparamref name="TResponse"/> of the same version.</summary>
public interface IRequest<TResponse> : IMessage
    where TResponse : IResponse, new()
{
    /// <summary>The API.</summary>
    static abstract ApiKey ApiKey { get; }
}
