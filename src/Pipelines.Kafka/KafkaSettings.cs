using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Security;

namespace Pipelines.Kafka;

/// <summary>Reads settings by the names that clients of librdkafka use, such as those of a Confluent <c>ClientConfig</c>.</summary>
internal sealed class KafkaSettings
{
    private readonly Dictionary<string, string> settings = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> read = new(StringComparer.OrdinalIgnoreCase);
    private readonly ICollection<string> wrong;

    private KafkaSettings(IEnumerable<KeyValuePair<string, string>> given, ICollection<string> wrong)
    {
        foreach ((string name, string value) in given) settings[name] = value;
        this.wrong = wrong;
    }

    /// <summary>Reads the settings over the addresses.</summary>
    /// <param name="options">The addresses; <c>bootstrap.servers</c> goes before them.</param>
    /// <param name="given">The settings.</param>
    /// <param name="wrong">Gets a sentence for each that cannot be used.</param>
    internal static KafkaOptions Read(KafkaOptions options, IEnumerable<KeyValuePair<string, string>> given, ICollection<string> wrong)
    {
        var settings = new KafkaSettings(given, wrong);
        if (settings.Find("bootstrap.servers") is { } servers)
        {
            if (KafkaOptions.TryParse(KafkaOptions.Scheme + servers, out KafkaOptions? named)) options = options with { Bootstrap = named.Bootstrap };
            else wrong.Add($"bootstrap.servers is '{servers}', but it lists brokers: host:9092,other:9092.");
        }

        (bool isSecure, bool logsIn) = settings.Protocol();
        options = options with
        {
            TransactionTimeout = settings.Milliseconds("transaction.timeout.ms") ?? options.TransactionTimeout,
            SessionTimeout = settings.Milliseconds("session.timeout.ms") ?? options.SessionTimeout,
            RebalanceTimeout = settings.Milliseconds("max.poll.interval.ms") ?? options.RebalanceTimeout,
            HeartbeatInterval = settings.Milliseconds("heartbeat.interval.ms") ?? options.HeartbeatInterval,
            InstanceId = settings.Find("group.instance.id") ?? options.InstanceId,
            Connection = options.Connection with
            {
                ClientId = settings.Find("client.id") ?? options.Connection.ClientId,
                RequestTimeout = settings.Milliseconds("request.timeout.ms") ?? settings.Milliseconds("socket.timeout.ms") ?? options.Connection.RequestTimeout,
                Tls = isSecure ? settings.Tls() : null,
                Credentials = logsIn ? settings.Credentials() : null,
            },
        };
        return options with { Unused = [.. settings.settings.Keys.Where(name => !settings.read.Contains(name)).Order(StringComparer.Ordinal)] };
    }

    private string? Find(string name)
    {
        read.Add(name);
        return settings.TryGetValue(name, out string? value) && value.Length > 0 ? value : null;
    }

    private TimeSpan? Milliseconds(string name)
    {
        if (Find(name) is not { } text) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0) return TimeSpan.FromMilliseconds(value);
        wrong.Add($"{name} is '{text}', but it is a number of milliseconds.");
        return null;
    }

    private (bool IsSecure, bool LogsIn) Protocol()
    {
        string protocol = Find("security.protocol") ?? "plaintext";
        switch (protocol.ToUpperInvariant().Replace("_", "", StringComparison.Ordinal))
        {
            // As Confluent's enumeration has it, and as Kafka writes it.
            case "PLAINTEXT": return (false, false);
            case "SSL": return (true, false);
            case "SASLPLAINTEXT": return (false, true);
            case "SASLSSL": return (true, true);
            default:
                wrong.Add($"security.protocol is '{protocol}', but it is one of plaintext, ssl, sasl_plaintext and sasl_ssl.");
                return (false, false);
        }
    }

    private Func<string, SslClientAuthenticationOptions>? Tls()
    {
        string? authorities = Find("ssl.ca.location");
        string? certificate = Find("ssl.certificate.location");
        string? key = Find("ssl.key.location");
        string? password = Find("ssl.key.password");
        string? at = authorities;
        try
        {
            Func<string, SslClientAuthenticationOptions> trust = authorities is null ? ClientTls.System : ClientTls.Trusting(authorities);
            if (certificate is null && key is null) return trust;
            at = certificate;
            if (certificate is not null && key is not null) return ClientTls.WithCertificate(trust, certificate, key, password);
            wrong.Add("ssl.certificate.location and ssl.key.location belong together, but only one of them is there.");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or CryptographicException)
        {
            wrong.Add($"'{at}' cannot be used: {problem.Message}");
        }

        return null;
    }

    private SaslCredentials? Credentials()
    {
        string name = Find("sasl.mechanism") ?? Find("sasl.mechanisms") ?? "";
        string? user = Find("sasl.username");
        string? password = Find("sasl.password");
        SaslMechanism? mechanism = name.ToUpperInvariant().Replace("-", "", StringComparison.Ordinal) switch
        {
            "PLAIN" => SaslMechanism.Plain,
            "SCRAMSHA256" => SaslMechanism.ScramSha256,
            "SCRAMSHA512" => SaslMechanism.ScramSha512,
            _ => null,
        };
        if (mechanism is null) wrong.Add($"sasl.mechanism is '{name}', but it is one of PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512.");
        if (user is null || password is null) wrong.Add("The security protocol has a login, but sasl.username or sasl.password is not there.");
        return mechanism is null || user is null || password is null ? null : new SaslCredentials(mechanism.Value, user, password);
    }
}
