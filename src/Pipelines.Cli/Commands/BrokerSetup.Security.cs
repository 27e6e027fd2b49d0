using System.Security.Cryptography;
using Pipelines.Broker.Server;
using Pipelines.Protocol.Security;

namespace Pipelines.Cli.Commands;

/// <content>TLS, logins and authorization.</content>
internal sealed partial class BrokerSetup
{
    private const string UserPrefix = "user.";

    private static readonly SaslMechanism[] AllMechanisms = [SaslMechanism.Plain, SaslMechanism.ScramSha256, SaslMechanism.ScramSha512];

    private readonly List<string> securityWarnings = [];

    /// <summary>The certificate: Kafka's keystore, of PEM or PKCS#12, or PEM files by librdkafka's names. Null for no TLS.</summary>
    private TlsOptions? Tls()
    {
        string? store = Path("ssl.keystore.location");
        string? certificate = Path("ssl.certificate.location");
        string? key = Path("ssl.key.location");
        string? authorities = Path("ssl.ca.location") ?? Path("ssl.truststore.location");
        string? password = Text("ssl.keystore.password");
        string? keyPassword = Text("ssl.key.password");
        string clients = Choice("ssl.client.auth", "none", "requested", "required");
        bool isPem = Choice("ssl.keystore.type", store is not null && System.IO.Path.GetExtension(store) is ".p12" or ".pfx" ? "PKCS12" : "PEM", "PEM", "PKCS12") == "PEM";
        if (store is not null && certificate is not null) mistakes.Add("'ssl.keystore.location' and 'ssl.certificate.location' both name the broker's certificate. Leave one out.");
        if (clients != "none" && authorities is null) mistakes.Add($"With 'ssl.client.auth' {clients}, 'ssl.ca.location' has to name the certificates (PEM) of who has signed those of clients.");
        if (clients == "none" && authorities is not null) Warn("clients are not asked for certificates, so 'ssl.ca.location' has no effect; set 'ssl.client.auth' to requested or required for that");
        if (clients == "none") authorities = null;
        if ((store ?? certificate) is not { } path)
        {
            if (key is not null || clients != "none") mistakes.Add("There is no TLS without a certificate. Name it with 'ssl.certificate.location'.");
            return null;
        }

        try
        {
            return store is not null && !isPem
                ? TlsOptions.FromPkcs12(path, password, authorities, clients == "required")
                : TlsOptions.FromPem(path, key, keyPassword, authorities, clients == "required");
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or CryptographicException)
        {
            mistakes.Add($"The certificate cannot be used: {unusable.Message}");
            return null;
        }
    }

    /// <summary>Who may log in, and how. Null when nobody has to.</summary>
    private SaslOptions? Sasl()
    {
        var users = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string password) in settings)
        {
            if (!name.StartsWith(UserPrefix, StringComparison.Ordinal)) continue;
            used.Add(name);
            string user = name[UserPrefix.Length..];
            if (user.Length == 0 || password.Length == 0) mistakes.Add($"Setting '{name}' has to be {UserPrefix}NAME=PASSWORD, with both.");
            else users.Add(user, password);
        }

        if (users.Count > 0) WarnOfReaders();
        int delay = Number("connection.failed.authentication.delay.ms", 100, 0, 60_000);
        string? wanted = Text("sasl.enabled.mechanisms");
        if (wanted is null && users.Count == 0) return null;
        var mechanisms = new List<SaslMechanism>();
        foreach (string name in (wanted ?? "SCRAM-SHA-256,SCRAM-SHA-512").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int at = Array.FindIndex(AllMechanisms, mechanism => new SaslCredentials(mechanism, "", "").MechanismName == name);
            if (at >= 0) mechanisms.Add(AllMechanisms[at]);
            else mistakes.Add($"Mechanism '{name}' of 'sasl.enabled.mechanisms' is not known. Take PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or several of them.");
        }

        if (mechanisms.Count == 0) mistakes.Add("'sasl.enabled.mechanisms' names no mechanism. Take PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or several of them.");
        return new SaslOptions { Mechanisms = mechanisms, Users = users, FailureDelay = TimeSpan.FromMilliseconds(delay), AllowsPlainWithoutTls = arguments.IsInsecure };
    }

    /// <summary>Rules about who may do what: there are some when one of these settings is there.</summary>
    private AuthorizationOptions? Authorization()
    {
        string? authorizer = Text("authorizer.class.name");
        string? superUsers = Text("super.users");
        bool allowsEveryone = Flag("allow.everyone.if.no.acl.found", usual: false);
        if (authorizer is null && superUsers is null && !settings.ContainsKey("allow.everyone.if.no.acl.found")) return null;
        string[] names = (superUsers ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (string name in names)
        {
            if (!name.StartsWith("User:", StringComparison.Ordinal) || name.Length == "User:".Length)
                mistakes.Add($"'{name}' of 'super.users' is no principal. Write User:NAME, with ';' between several.");
        }

        return new AuthorizationOptions { SuperUsers = names, AllowsEveryoneIfNoAcl = allowsEveryone };
    }

    /// <summary>Beyond loopback everything is encrypted and everybody is known, unless that is not wanted.</summary>
    private void CheckOpenness(BrokerServerOptions options)
    {
        if (arguments.Listen.IsLoopback || arguments.IsInsecure) return;
        bool isKnown = options.Sasl is not null || options.Tls?.RequiresClientCertificate == true;
        if (options.Tls is not null && isKnown) return;
        string missing = options.Tls is null && !isKnown ? "TLS and authentication" : options.Tls is null ? "TLS" : "authentication";
        mistakes.Add(
            $"Listening on {arguments.Listen} without {missing} lets everybody who reaches this machine read and write. Give 'ssl.certificate.location' and 'ssl.key.location', and "
            + "'sasl.enabled.mechanisms' with a first 'user.NAME', in the file of --config; or listen on 127.0.0.1; or add --insecure if that is what you want.");
    }

    private void WarnOfReaders()
    {
        if (OperatingSystem.IsWindows() || arguments.Config is not { } file) return;
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        if ((file.UnixFileMode & Others) != 0) Warn($"{file} holds passwords, and others on this machine may read it; run chmod 600 on it");
    }

    private void Warn(string warning)
    {
        if (!securityWarnings.Contains(warning)) securityWarnings.Add(warning);
    }

    private string? Text(string name) => Find(name, out string text) && text.Length > 0 ? text : null;

    private string? Path(string name)
    {
        if (Text(name) is not { } path || File.Exists(path)) return Text(name);
        mistakes.Add($"Setting '{name}' is '{path}', and there is no such file.");
        return null;
    }

    private string Choice(string name, string usual, params string[] others)
    {
        if (Text(name) is not { } text || text == usual || others.Contains(text, StringComparer.Ordinal)) return Text(name) ?? usual;
        mistakes.Add($"Setting '{name}' is '{text}'; it has to be one of {string.Join(", ", others.Prepend(usual).Distinct())}.");
        return usual;
    }
}
