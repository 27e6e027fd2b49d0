using System.Net.Security;
using System.Security.Cryptography;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Security;

namespace Pipelines.Kafka.Settings;

/// <summary>Whom to trust, and who one is. What a setting of secrets holds is in no sentence.</summary>
internal sealed class SecuritySettings
{
    private const string KnownMechanisms = "PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512";
    private readonly KafkaSettings settings;
    private readonly string protocol;
    private readonly bool isSecure;
    private readonly bool logsIn;

    internal SecuritySettings(KafkaSettings settings)
    {
        this.settings = settings;
        protocol = settings.Find(SettingNames.Protocol) ?? "plaintext";
        switch (protocol.ToUpperInvariant().Replace("_", "", StringComparison.Ordinal))
        {
            // As Confluent's enumeration has it, and as Kafka writes it.
            case "PLAINTEXT": break;
            case "SSL": isSecure = true; break;
            case "SASLPLAINTEXT": logsIn = true; break;
            case "SASLSSL": isSecure = logsIn = true; break;
            default:
                settings.Refuse($"{SettingNames.Protocol} is '{protocol}', but it is one of plaintext, ssl, sasl_plaintext and sasl_ssl.");
                return;
        }

        if (!isSecure) RefuseUseless(SettingNames.Tls, "has no TLS", logsIn ? "sasl_ssl" : "ssl");
        if (!logsIn) RefuseUseless(SettingNames.Login, "has no login", isSecure ? "sasl_ssl" : "sasl_ssl, or sasl_plaintext without TLS");
    }

    /// <summary>The options of TLS; null for none.</summary>
    internal Func<string, SslClientAuthenticationOptions>? Tls()
    {
        if (!isSecure) return null;
        string? authorities = ReadableFile(SettingNames.Authorities);
        string? certificate = ReadableFile(SettingNames.Certificate);
        string? key = ReadableFile(SettingNames.Key);
        Func<string, SslClientAuthenticationOptions> trust = ClientTls.System;
        try
        {
            if (authorities is not null) trust = ClientTls.Trusting(authorities);
        }
        catch (CryptographicException problem)
        {
            settings.Refuse($"{SettingNames.Authorities} is '{authorities}', but that file holds no certificates in PEM: {problem.Message.TrimEnd('.')}. Give the authority's certificate as PEM.");
        }

        bool hasOne = settings.Find(SettingNames.Certificate) is not null;
        if (hasOne != settings.Find(SettingNames.Key) is not null) settings.Refuse($"{SettingNames.Certificate} and {SettingNames.Key} belong together, but only one of them is there: give both.");
        if (certificate is null || key is null) return trust;
        try
        {
            return ClientTls.WithCertificate(trust, certificate, key, settings.Find(SettingNames.KeyPassword));
        }
        catch (Exception problem) when (problem is CryptographicException or ArgumentException)
        {
            settings.Refuse($"{SettingNames.Certificate} '{certificate}' and {SettingNames.Key} '{key}' cannot be used: {problem.Message.TrimEnd('.')}. Give a certificate and its own key as PEM, and the key's password, if it has one, in {SettingNames.KeyPassword}.");
            return null;
        }
    }

    /// <summary>The login; null for none.</summary>
    internal SaslCredentials? Credentials()
    {
        if (!logsIn) return null;
        string? name = settings.Find(SettingNames.Mechanism) ?? settings.Find(SettingNames.Mechanisms);
        string? user = settings.Find(SettingNames.User);
        string? password = settings.Find(SettingNames.Password);
        SaslMechanism? mechanism = name?.ToUpperInvariant().Replace("-", "", StringComparison.Ordinal) switch
        {
            "PLAIN" => SaslMechanism.Plain,
            "SCRAMSHA256" => SaslMechanism.ScramSha256,
            "SCRAMSHA512" => SaslMechanism.ScramSha512,
            _ => null,
        };
        if (name is null) settings.Refuse($"{SettingNames.Protocol} is '{protocol}', but {SettingNames.Mechanism} is not set: set it to the one of {KnownMechanisms} that the broker has.");
        else if (mechanism is null) settings.Refuse($"{SettingNames.Mechanism} is '{name}', but it is one of {KnownMechanisms}.");
        if (user is null) settings.Refuse(Missing(SettingNames.User));
        if (password is null) settings.Refuse(Missing(SettingNames.Password));
        return mechanism is null || user is null || password is null ? null : new SaslCredentials(mechanism.Value, user, password);
    }

    private string Missing(string name) => $"{SettingNames.Protocol} is '{protocol}', but {name} is not set: set it, or leave the login out.";

    private void RefuseUseless(string[] names, string why, string remedy)
    {
        if (names.FirstOrDefault(name => settings.Find(name) is not null) is { } given)
            settings.Refuse($"{given} is set, but {SettingNames.Protocol} is '{protocol}', which {why}: set {SettingNames.Protocol} to {remedy}, or leave {given} out.");
    }

    private string? ReadableFile(string name)
    {
        if (settings.Find(name) is not { } path) return null;
        try
        {
            using FileStream file = File.OpenRead(path);
            return path;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            string why = problem is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : problem.Message.TrimEnd('.');
            settings.Refuse($"{name} is '{path}', but it cannot be read: {why}. Correct the path, or who may read the file.");
            return null;
        }
    }
}
