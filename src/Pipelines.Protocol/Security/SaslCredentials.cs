namespace Pipelines.Protocol.Security;

/// <summary>The SASL mechanisms that are spoken here.</summary>
public enum SaslMechanism
{
    /// <summary>The password as it is; for TLS only (RFC 4616).</summary>
    Plain,

    /// <summary>SCRAM-SHA-256 (RFC 7677).</summary>
    ScramSha256,

    /// <summary>SCRAM-SHA-512.</summary>
    ScramSha512,
}

/// <summary>Who a client says it is.</summary>
/// <param name="Mechanism">How it proves it.</param>
/// <param name="User">The user's name.</param>
/// <param name="Password">The password.</param>
public sealed record SaslCredentials(SaslMechanism Mechanism, string User, string Password)
{
    /// <summary>The mechanism's name on the wire.</summary>
    public string MechanismName => Mechanism switch
    {
        SaslMechanism.Plain => "PLAIN",
        SaslMechanism.ScramSha256 => ScramHash.Sha256.MechanismName,
        _ => ScramHash.Sha512.MechanismName,
    };

    /// <summary>The name without the password, so that it can be logged.</summary>
    public override string ToString() => $"{User} ({MechanismName})";
}
