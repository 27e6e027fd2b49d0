using Pipelines.Protocol.Client;

namespace Pipelines.Kafka;

/// <summary>What to do when the brokers cannot be talked to, in the names of the settings here.</summary>
internal static class ConnectionAdvice
{
    /// <summary>What happened, and what to do.</summary>
    internal static string Explain(BrokerConnectionException problem, KafkaOptions options)
    {
        string advice = Of(problem, options);
        return advice.Length == 0 ? problem.Message : $"{problem.Message.TrimEnd('.')}. {advice}";
    }

    private static string Of(BrokerConnectionException problem, KafkaOptions options)
    {
        bool logsIn = options.Connection.Credentials is not null;
        bool isSecure = options.Connection.Tls is not null;
        return problem.Problem switch
        {
            ConnectionProblem.UnknownHost or ConnectionProblem.Unreachable when IsAdvertised(problem, options) =>
                "The cluster gives that address for one of its brokers: have its advertised.listeners name one that can be reached from here.",
            ConnectionProblem.UnknownHost => "Correct bootstrap.servers, or have the name resolved.",
            ConnectionProblem.Unreachable => "Start the broker, or correct bootstrap.servers.",
            ConnectionProblem.NotKafka => "Give the port of a Kafka listener in bootstrap.servers.",
            ConnectionProblem.SpeaksTls => $"Set security.protocol to {(logsIn ? "sasl_ssl" : "ssl")}, or give the port of a listener without TLS.",
            ConnectionProblem.SpeaksPlaintext => $"Set security.protocol to {(logsIn ? "sasl_plaintext" : "plaintext")}, or give the port of a listener with TLS.",
            ConnectionProblem.UntrustedCertificate => "Set ssl.ca.location to a PEM file with the certificate of the authority that signed the broker's.",
            ConnectionProblem.WrongHostName => "Give the broker by a name that its certificate has, or have this name put into the certificate.",
            ConnectionProblem.ExpiredCertificate => "Renew it at the broker, or set the clock that is wrong.",
            ConnectionProblem.CertificateDemanded => "Set ssl.certificate.location and ssl.key.location to a certificate that the broker trusts, and its key.",
            ConnectionProblem.CertificateRefused => "Set ssl.certificate.location and ssl.key.location to a certificate that an authority of the broker's has signed, and its key.",
            ConnectionProblem.LoginDemanded => $"Set security.protocol to {(isSecure ? "sasl_ssl" : "sasl_plaintext")}, and sasl.mechanism, sasl.username and sasl.password.",
            ConnectionProblem.LoginNotTaken => $"Set security.protocol to {(isSecure ? "ssl" : "plaintext")}, or give the port of a listener with logins.",
            ConnectionProblem.MechanismRefused => "Set sasl.mechanism to one that the broker has.",
            ConnectionProblem.LoginRefused => "Correct sasl.username and sasl.password, or add the user at the broker; with SCRAM a user has a password for each mechanism.",
            ConnectionProblem.BrokerNotProven => "Something else may answer in the broker's place: check bootstrap.servers, and use TLS.",
            ConnectionProblem.UnsupportedVersion => "Use a newer broker.",
            _ => "",
        };
    }

    /// <summary>True for an address that nobody set here: the cluster named it.</summary>
    private static bool IsAdvertised(BrokerConnectionException problem, KafkaOptions options) =>
        problem.Address.Length > 0 && !options.Bootstrap.Any(broker => $"{broker.Host}:{broker.Port}" == problem.Address);
}
