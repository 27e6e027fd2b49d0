namespace Pipelines.Protocol.Client;

/// <summary>Why a broker cannot be talked to, as far as it is known.</summary>
public enum ConnectionProblem
{
    /// <summary>Nothing more is known: no answer, a broken connection, an error that the broker tells.</summary>
    Other = 0,

    /// <summary>The host has no address.</summary>
    UnknownHost,

    /// <summary>Nothing listens there, or there is no way there.</summary>
    Unreachable,

    /// <summary>The connection was closed, where an answer should have come.</summary>
    Closed,

    /// <summary>What listens there speaks something else.</summary>
    NotKafka,

    /// <summary>The port speaks TLS, the client does not.</summary>
    SpeaksTls,

    /// <summary>The client speaks TLS, the port does not.</summary>
    SpeaksPlaintext,

    /// <summary>Nobody that is trusted here has signed the broker's certificate.</summary>
    UntrustedCertificate,

    /// <summary>The broker's certificate is another host's.</summary>
    WrongHostName,

    /// <summary>The broker's certificate is not valid at this time.</summary>
    ExpiredCertificate,

    /// <summary>The broker demands a certificate, and the client has none.</summary>
    CertificateDemanded,

    /// <summary>The broker does not take the client's certificate.</summary>
    CertificateRefused,

    /// <summary>The broker demands a login, and the client has none.</summary>
    LoginDemanded,

    /// <summary>The client wants to log in, where no login is taken.</summary>
    LoginNotTaken,

    /// <summary>The broker does not have the mechanism of the login.</summary>
    MechanismRefused,

    /// <summary>The broker does not take the user or the password.</summary>
    LoginRefused,

    /// <summary>The broker does not know the password that it ought to know: it is somebody else.</summary>
    BrokerNotProven,

    /// <summary>The broker lacks a request, or a version of it, that the client needs.</summary>
    UnsupportedVersion,
}
