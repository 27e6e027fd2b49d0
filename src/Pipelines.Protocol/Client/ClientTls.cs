using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pipelines.Protocol.Client;

/// <summary>Ways of TLS for <see cref="BrokerConnectionOptions.Tls"/>.</summary>
public static class ClientTls
{
    /// <summary>Trusts the authorities of the system.</summary>
    public static Func<string, SslClientAuthenticationOptions> System { get; } = static host => new SslClientAuthenticationOptions { TargetHost = host };

    /// <summary>Trusts the authorities in a file, and no others.</summary>
    /// <param name="file">Certificates in PEM.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="CryptographicException">It holds no certificates in PEM.</exception>
    public static Func<string, SslClientAuthenticationOptions> Trusting(string file)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        if (authorities.Count == 0) throw new CryptographicException("There is no certificate in it.");
        return host =>
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(authorities);
            return new SslClientAuthenticationOptions { TargetHost = host, CertificateChainPolicy = policy };
        };
    }

    /// <summary>Shows a certificate of one's own to the broker as well.</summary>
    /// <param name="trust">Whom to trust.</param>
    /// <param name="certificateFile">The certificate and those between it and the authority, in PEM.</param>
    /// <param name="keyFile">Its private key, in PEM.</param>
    /// <param name="password">The password of the key; null when it has none.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="CryptographicException">A file does not hold what it should, or the password is wrong.</exception>
    public static Func<string, SslClientAuthenticationOptions> WithCertificate(
        Func<string, SslClientAuthenticationOptions> trust, string certificateFile, string keyFile, string? password)
    {
        ArgumentNullException.ThrowIfNull(trust);
        X509Certificate2 certificate = password is null
            ? X509Certificate2.CreateFromPemFile(certificateFile, keyFile)
            : X509Certificate2.CreateFromEncryptedPemFile(certificateFile, password, keyFile);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificateFile);
        SslStreamCertificateContext context = SslStreamCertificateContext.Create(certificate, chain, offline: true);
        return host =>
        {
            SslClientAuthenticationOptions options = trust(host);
            options.ClientCertificateContext = context;
            return options;
        };
    }
}
