using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pipelines.Tests;

/// <summary>An authority, and certificates that it has signed, as files and as objects.</summary>
internal sealed class Certificates : IDisposable
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipelines-certificates-");
    private readonly X509Certificate2 authority;

    /// <param name="authority">What the authority calls itself.</param>
    internal Certificates(string authority = "CN=Tests")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(authority, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        this.authority = request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(1));
        File.WriteAllText(AuthorityPath, this.authority.ExportCertificatePem());
        using X509Certificate2 server = Sign("CN=broker", ServerUsage);
        Write("broker", server);
        File.WriteAllBytes(Pkcs12Path, server.Export(X509ContentType.Pkcs12, "secret"));
        File.WriteAllText(
            LockedKeyPath, server.GetECDsaPrivateKey()!.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 10_000)));
    }

    /// <summary>The files of a broker's certificate, and of its key.</summary>
    /// <param name="name">The files' name.</param>
    /// <param name="host">The only host that it is for; the address of loopback when null.</param>
    /// <param name="until">When it expires; in an hour when null.</param>
    internal (string Certificate, string Key) ForServer(string name, string? host = null, DateTimeOffset? until = null) => Write(name, Sign("CN=broker", ServerUsage, host, until));

    /// <summary>The files of a client's certificate, and of its key.</summary>
    internal (string Certificate, string Key) FilesForClient(string name, string subject) => Write(name, ForClient(subject));

    internal string AuthorityPath => Path.Combine(folder.FullName, "ca.pem");

    internal string ServerPath => Path.Combine(folder.FullName, "broker.pem");

    internal string KeyPath => Path.Combine(folder.FullName, "broker.key");

    internal string LockedKeyPath => Path.Combine(folder.FullName, "broker-locked.key");

    internal string Pkcs12Path => Path.Combine(folder.FullName, "broker.p12");

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public void Dispose()
    {
        authority.Dispose();
        folder.Delete(recursive: true);
    }

    /// <summary>A certificate for a client, signed by the authority.</summary>
    internal X509Certificate2 ForClient(string subject) => Sign(subject, ClientUsage);

    /// <summary>What a client needs that trusts the authority.</summary>
    internal SslClientAuthenticationOptions Trusting(string host, X509Certificate2? client = null)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(authority);
        return new SslClientAuthenticationOptions { TargetHost = host, CertificateChainPolicy = policy, ClientCertificates = client is null ? null : [client] };
    }

    private (string Certificate, string Key) Write(string name, X509Certificate2 certificate)
    {
        (string Certificate, string Key) files = (Path.Combine(folder.FullName, $"{name}.pem"), Path.Combine(folder.FullName, $"{name}.key"));
        File.WriteAllText(files.Certificate, certificate.ExportCertificatePem());
        File.WriteAllText(files.Key, certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        return files;
    }

    private X509Certificate2 Sign(string subject, string usage, string? host = null, DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        var names = new SubjectAlternativeNameBuilder();
        if (host is null) names.AddIpAddress(IPAddress.Loopback);
        else names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 signed = request.Create(authority, Now.AddHours(-12), until ?? Now.AddHours(1), RandomNumberGenerator.GetBytes(8));
        using X509Certificate2 whole = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }
}
