using Pipelines.Protocol.Client;

namespace Pipelines.Cli.Arguments;

/// <summary>What to type when a broker cannot be talked to.</summary>
internal static class ConnectionAdvice
{
    /// <summary>What happened, and what to do.</summary>
    internal static string Explain(BrokerConnectionException problem) => $"{problem.Message.TrimEnd('.')}. {Of(problem.Problem)}";

    private static string Of(ConnectionProblem problem) => problem switch
    {
        ConnectionProblem.SpeaksTls => "Connect with --tls.",
        ConnectionProblem.SpeaksPlaintext => "Leave --tls and --tls-ca out.",
        ConnectionProblem.UntrustedCertificate => "Name a file with the authority's certificate (PEM) with --tls-ca FILE.",
        ConnectionProblem.LoginDemanded => "Log in with --user NAME, and the password in PIPELINES_PASSWORD.",
        ConnectionProblem.LoginNotTaken => "Leave --user out.",
        ConnectionProblem.MechanismRefused => "Choose one of them with --mechanism.",
        ConnectionProblem.LoginRefused => "Correct --user, --mechanism or the password in PIPELINES_PASSWORD.",
        _ => "Another broker is named with --bootstrap HOST:PORT.",
    };
}
