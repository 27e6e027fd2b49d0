using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Pipelines.Broker.Server.Connections;

namespace Pipelines.Broker.Server.Security;

/// <summary>TLS on a listener, and a line for whoever does not get through it.</summary>
internal static class TlsListener
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    internal static void UseTls(this ListenOptions listener, TlsOptions options, AuditLog audit)
    {
        // Before the handshake: who is gone after it without having come to the broker has failed in it.
        listener.Use(next => async context =>
        {
            await next(context);
            if (!context.Items.ContainsKey(BrokerConnectionHandler.Reached)) audit.NoTls(Connection.HostOf(context));
        });
        // Kafka's protocol has no name in ALPN; that of HTTP/1 is offered to nobody who does not ask.
        listener.Protocols = HttpProtocols.Http1;
        listener.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = options.Certificate,
            ServerCertificateChain = options.Intermediates,
            ClientCertificateMode = options.ClientAuthorities is null ? ClientCertificateMode.NoCertificate
                : options.RequiresClientCertificate ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.AllowCertificate,
            ClientCertificateValidation = (certificate, given, _) => options.ClientAuthorities is { } authorities && IsSigned(certificate, given, authorities),
        });
    }

    /// <summary>The principal of a certificate: its subject in Kafka's way, the last part first and no space between.</summary>
    internal static string PrincipalOf(X509Certificate2 certificate)
    {
        IEnumerable<X500RelativeDistinguishedName> parts = certificate.SubjectName.EnumerateRelativeDistinguishedNames(reversed: true);
        return Login.PrincipalType + (parts.All(static part => !part.HasMultipleElements)
            ? string.Join(',', parts.Select(static part => $"{NameOf(part)}={Escape(part.GetSingleElementValue() ?? "")}"))
            : certificate.Subject);
    }

    private static bool IsSigned(X509Certificate2 certificate, X509Chain? given, X509Certificate2Collection authorities)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid(ClientAuthentication));
        if (given is not null) chain.ChainPolicy.ExtraStore.AddRange(given.ChainPolicy.ExtraStore);
        return chain.Build(certificate);
    }

    private static string NameOf(X500RelativeDistinguishedName part) => part.GetSingleElementType() switch
    {
        { Value: "2.5.4.3" } => "CN",
        { Value: "2.5.4.6" } => "C",
        { Value: "2.5.4.7" } => "L",
        { Value: "2.5.4.8" } => "ST",
        { Value: "2.5.4.9" } => "STREET",
        { Value: "2.5.4.10" } => "O",
        { Value: "2.5.4.11" } => "OU",
        { Value: "0.9.2342.19200300.100.1.25" } => "DC",
        { Value: "0.9.2342.19200300.100.1.1" } => "UID",
        var other => other.Value ?? "",
    };

    /// <summary>What would end a value is escaped, so that no subject reads as another one (RFC 2253).</summary>
    private static string Escape(string value)
    {
        string escaped = string.Concat(value.Select(static letter => letter is ',' or '+' or '"' or '\\' or '<' or '>' or ';' or '=' ? $"\\{letter}" : letter.ToString()));
        if (escaped.StartsWith(' ') || escaped.StartsWith('#')) escaped = '\\' + escaped;
        return escaped.EndsWith(' ') && value.Length > 1 ? escaped[..^1] + "\\ " : escaped;
    }
}
