using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pipelines.Broker.Server;

/// <summary>How connections are encrypted.</summary>
public sealed class TlsOptions
{
    /// <summary>The broker's certificate, with its private key.</summary>
    public required X509Certificate2 Certificate { get; init; }

    /// <summary>The certificates between the broker's and one that clients trust.</summary>
    public X509Certificate2Collection? Intermediates { get; init; }

    /// <summary>Who has signed the certificates of clients; when null, clients are not asked for one.</summary>
    public X509Certificate2Collection? ClientAuthorities { get; init; }

    /// <summary>
    /// True to take nobody without a certificate (Kafka: <c>ssl.client.auth</c>, required). Where there is no SASL, whoever has one is called by its subject, such as
    /// <c>User:CN=alice,O=example</c>.
    /// </summary>
    public bool RequiresClientCertificate { get; init; }

    /// <summary>Reads PEM files.</summary>
    /// <param name="certificatePath">The broker's certificate, and after it those between it and one that clients trust.</param>
    /// <param name="keyPath">Its private key; in the same file when null.</param>
    /// <param name="keyPassword">The key's password, when it has one.</param>
    /// <param name="authoritiesPath">Who has signed the certificates of clients; when null, clients are not asked for one.</param>
    /// <param name="requiresClientCertificate">True to take nobody without a certificate.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="CryptographicException">A file holds no certificate or key, the key is another certificate's, or the password is wrong.</exception>
    public static TlsOptions FromPem(
        string certificatePath, string? keyPath = null, string? keyPassword = null, string? authoritiesPath = null, bool requiresClientCertificate = false)
    {
        X509Certificate2 certificate = keyPassword is null
            ? X509Certificate2.CreateFromPemFile(certificatePath, keyPath)
            : X509Certificate2.CreateFromEncryptedPemFile(certificatePath, keyPassword, keyPath);
        var intermediates = new X509Certificate2Collection();
        intermediates.ImportFromPemFile(certificatePath);
        // The broker's own comes first in its file.
        intermediates.RemoveAt(0);
        return new TlsOptions
        {
            Certificate = Usable(certificate),
            Intermediates = intermediates,
            ClientAuthorities = ReadAuthorities(authoritiesPath),
            RequiresClientCertificate = requiresClientCertificate,
        };
    }

    /// <summary>Reads a PKCS#12 file (<c>.pfx</c>, <c>.p12</c>).</summary>
    /// <param name="path">Certificate and key, and the certificates between it and one that clients trust.</param>
    /// <param name="password">The file's password, when it has one.</param>
    /// <param name="authoritiesPath">Who has signed the certificates of clients, as PEM; when null, clients are not asked for one.</param>
    /// <param name="requiresClientCertificate">True to take nobody without a certificate.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="CryptographicException">A file holds no certificate with a key, or the password is wrong.</exception>
    public static TlsOptions FromPkcs12(string path, string? password = null, string? authoritiesPath = null, bool requiresClientCertificate = false)
    {
        X509Certificate2Collection all = X509CertificateLoader.LoadPkcs12CollectionFromFile(path, password);
        X509Certificate2 certificate = all.FirstOrDefault(static one => one.HasPrivateKey)
            ?? throw new CryptographicException($"'{path}' holds no certificate with a private key. Export both into it.");
        all.Remove(certificate);
        return new TlsOptions
        {
            Certificate = certificate,
            Intermediates = all,
            ClientAuthorities = ReadAuthorities(authoritiesPath),
            RequiresClientCertificate = requiresClientCertificate,
        };
    }

    private static X509Certificate2Collection? ReadAuthorities(string? path)
    {
        if (path is null) return null;
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(path);
        return authorities.Count > 0 ? authorities : throw new CryptographicException($"'{path}' holds no certificate. Give those that have signed the certificates of clients, as PEM.");
    }

    /// <summary>Windows cannot serve with a key that is only in memory.</summary>
    private static X509Certificate2 Usable(X509Certificate2 certificate) =>
        OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null) : certificate;
}
