namespace Pipelines.Protocol.Client;

/// <summary>A broker could not be reached, closed the connection, did not answer in time, or refused what the client needs.</summary>
/// <param name="message">What happened, with the broker's address.</param>
/// <param name="errorCode">The error code of its answer, or 0.</param>
/// <param name="inner">The cause.</param>
public sealed class BrokerConnectionException(string message, short errorCode = 0, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The error code of the broker's answer, or 0.</summary>
    public short ErrorCode { get; } = errorCode;

    /// <summary>Why, as far as it is known.</summary>
    public ConnectionProblem Problem { get; init; }

    /// <summary>The host and port that could not be reached; empty for other problems.</summary>
    public string Address { get; init; } = "";

    /// <summary>True when trying again cannot help before somebody changes a setting, here or there.</summary>
    public bool IsFatal => Problem is not (ConnectionProblem.Other or ConnectionProblem.UnknownHost or ConnectionProblem.Unreachable or ConnectionProblem.Closed);
}
