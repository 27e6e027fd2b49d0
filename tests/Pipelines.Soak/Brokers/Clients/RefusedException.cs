using Pipelines.Broker;

namespace Pipelines.Soak.Brokers.Clients;

/// <summary>The broker answered with an error that does not go away by asking again.</summary>
internal sealed class RefusedException(string what, ErrorCode error) : Exception($"{what} was answered {error}")
{
    internal ErrorCode Error { get; } = error;
}

/// <summary>A client was killed at a step of its transaction.</summary>
internal sealed class ClientDiedException() : Exception("The client was killed");
