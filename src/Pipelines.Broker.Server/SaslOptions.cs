using Pipelines.Protocol.Security;

namespace Pipelines.Broker.Server;

/// <summary>How clients say who they are.</summary>
public sealed class SaslOptions
{
    /// <summary>The mechanisms that clients may choose from (Kafka: <c>sasl.enabled.mechanisms</c>).</summary>
    public IReadOnlyList<SaslMechanism> Mechanisms { get; init; } = [SaslMechanism.ScramSha256, SaslMechanism.ScramSha512];

    /// <summary>Users that are there from the start, with their passwords; more are added by AlterUserScramCredentials and kept in the log.</summary>
    public IReadOnlyDictionary<string, string> Users { get; init; } = new Dictionary<string, string>();

    /// <summary>True to take passwords as they are (PLAIN) beyond loopback without TLS: whoever is on the way can read them.</summary>
    public bool AllowsPlainWithoutTls { get; init; }

    /// <summary>How long a client waits to be told that it is refused (Kafka: <c>connection.failed.authentication.delay.ms</c>).</summary>
    public TimeSpan FailureDelay { get; init; } = TimeSpan.FromMilliseconds(100);
}
