using System.Net.Security;

namespace Pipelines.Protocol.Client;

/// <summary>Puts TLS over a stream, and knows afterwards what a failure meant.</summary>
/// <remarks>With TLS 1.3 a client learns that its certificate was not taken only after the handshake, from the first thing that it reads.</remarks>
internal sealed class TlsHandshake(string host, BrokerConnectionOptions connection)
{
    private readonly SslClientAuthenticationOptions options = connection.Tls!(host);
    private readonly CertificateVerdict verdict = new(host, connection.Time);
    private bool isAsked;
    private bool isDone;

    /// <summary>True when the broker asked for a certificate, and there was none to show.</summary>
    private bool LacksCertificate => isAsked && !HasCertificate;

    private bool HasCertificate => options.ClientCertificateContext is not null || options.ClientCertificates is { Count: > 0 };

    /// <summary>Makes the stream a secure one.</summary>
    internal async Task<Stream> RunAsync(Stream stream, CancellationToken cancellation)
    {
        options.RemoteCertificateValidationCallback ??= (_, certificate, chain, errors) => verdict.Judge(certificate, chain, errors);
        if (!HasCertificate && options.LocalCertificateSelectionCallback is null)
        {
            // It is called once before the broker is heard, and with the broker's certificate when that asks for ours.
            options.LocalCertificateSelectionCallback = (_, _, _, remote, _) =>
            {
                isAsked |= remote is not null;
                return null!;
            };
        }

        var secure = new SslStream(stream);
        await secure.AuthenticateAsClientAsync(options, cancellation).ConfigureAwait(false);
        isDone = true;
        return secure;
    }

    /// <summary>What it meant that the handshake failed, or the connection ended before anything was answered.</summary>
    /// <returns>Null when TLS has nothing to do with it.</returns>
    internal BrokerConnectionException? Explain(Exception failure, string address)
    {
        if (verdict.Problem != ConnectionProblem.Other)
            return new($"Broker {address} is not trusted: {verdict.Why}.", 0, failure) { Problem = verdict.Problem };
        string? alert = AlertIn(failure);
        bool isClosed = failure is IOException or BrokerConnectionException { Problem: ConnectionProblem.Closed };
        if (LacksCertificate && (alert is not null || isClosed))
            return new($"Broker {address} demands a certificate of the client, and there is none.", 0, failure) { Problem = ConnectionProblem.CertificateDemanded };
        if (HasCertificate && alert is not null)
            return new($"Broker {address} does not take the client's certificate: {alert}.", 0, failure) { Problem = ConnectionProblem.CertificateRefused };
        if (HasCertificate && isClosed && isDone)
            return new($"Broker {address} closed the connection right after TLS was agreed on; it may not trust the client's certificate.", 0, failure) { Problem = ConnectionProblem.Closed };
        return null;
    }

    /// <summary>The broker's last word on a certificate, in the words of the TLS library.</summary>
    /// <remarks>Source: RFC 8446, section 6.2.</remarks>
    private static string? AlertIn(Exception failure)
    {
        string message = Innermost(failure).Message;
        string[] alerts = ["certificate required", "bad certificate", "unknown ca", "certificate unknown", "certificate expired", "certificate revoked", "unsupported certificate", "access denied"];
        return alerts.FirstOrDefault(alert => message.Contains(alert, StringComparison.OrdinalIgnoreCase) || message.Contains(alert.Replace(' ', '_'), StringComparison.OrdinalIgnoreCase));
    }

    private static Exception Innermost(Exception failure)
    {
        while (failure.InnerException is { } inner) failure = inner;
        return failure;
    }
}
