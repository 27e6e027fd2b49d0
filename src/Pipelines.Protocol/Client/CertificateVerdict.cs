using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Pipelines.Protocol.Client;

/// <summary>Remembers why a broker's certificate was not taken, in words.</summary>
internal sealed class CertificateVerdict(string host, TimeProvider time)
{
    /// <summary>What is wrong with it; <see cref="ConnectionProblem.Other"/> when nothing is.</summary>
    internal ConnectionProblem Problem { get; private set; }

    /// <summary>The same in words, as the end of a sentence.</summary>
    internal string Why { get; private set; } = "";

    /// <summary>Takes a certificate that is right in every way, as the usual validation does.</summary>
    internal bool Judge(X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None) return true;
        var certificate = shown as X509Certificate2;
        if (certificate is null) Set(ConnectionProblem.UntrustedCertificate, "it shows no certificate");
        else if (chain?.ChainElements.FirstOrDefault(HasWrongTime) is { } old) Set(ConnectionProblem.ExpiredCertificate, Times(old.Certificate));
        else if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) Set(ConnectionProblem.WrongHostName, $"its certificate is for {Names(certificate)}, not for '{host}'");
        else Set(ConnectionProblem.UntrustedCertificate, $"its certificate '{certificate.Subject}' is signed by '{certificate.Issuer}', whom nobody here trusts{Doubts(chain)}");
        return false;
    }

    private static bool HasWrongTime(X509ChainElement element) => element.ChainElementStatus.Any(static status => status.Status.HasFlag(X509ChainStatusFlags.NotTimeValid));

    private static string Doubts(X509Chain? chain)
    {
        string[] doubts = [.. (chain?.ChainStatus ?? []).Select(static status => status.Status.ToString()).Distinct(StringComparer.Ordinal)];
        return doubts.Length == 0 ? "" : $" ({string.Join(", ", doubts)})";
    }

    private static string Names(X509Certificate2 certificate)
    {
        var names = new List<string>();
        foreach (X509SubjectAlternativeNameExtension extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            names.AddRange(extension.EnumerateDnsNames().Select(static name => $"'{name}'"));
            names.AddRange(extension.EnumerateIPAddresses().Select(static (IPAddress address) => $"'{address}'"));
        }

        return names.Count == 0 ? $"'{certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false)}'" : string.Join(" and ", names);
    }

    private string Times(X509Certificate2 certificate) => time.GetUtcNow() < certificate.NotBefore.ToUniversalTime()
        ? $"its certificate '{certificate.Subject}' is not valid before {certificate.NotBefore.ToUniversalTime():u}, and here it is {time.GetUtcNow():u}"
        : $"its certificate '{certificate.Subject}' expired at {certificate.NotAfter.ToUniversalTime():u}";

    private void Set(ConnectionProblem problem, string why) => (Problem, Why) = (problem, why);
}
