namespace Pipelines.Kafka.Settings;

/// <summary>The names of the settings that are read, and what is said of others.</summary>
internal static class SettingNames
{
    internal const string Bootstrap = "bootstrap.servers";
    internal const string Protocol = "security.protocol";
    internal const string Authorities = "ssl.ca.location";
    internal const string Certificate = "ssl.certificate.location";
    internal const string Key = "ssl.key.location";
    internal const string KeyPassword = "ssl.key.password";
    internal const string Mechanism = "sasl.mechanism";
    internal const string Mechanisms = "sasl.mechanisms";
    internal const string User = "sasl.username";
    internal const string Password = "sasl.password";
    internal const string Guarantee = "processing.guarantee";

    /// <summary>Those of TLS.</summary>
    internal static readonly string[] Tls = [Authorities, Certificate, Key, KeyPassword];

    /// <summary>Those of logins.</summary>
    internal static readonly string[] Login = [Mechanism, Mechanisms, User, Password];

    /// <summary>All that are read.</summary>
    internal static readonly HashSet<string> All = new(
        [
            Bootstrap, Protocol, .. Tls, .. Login, "client.id", "group.instance.id", "heartbeat.interval.ms", "max.poll.interval.ms", Guarantee, "request.timeout.ms", "session.timeout.ms", "socket.timeout.ms",
            "transaction.timeout.ms",
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Names of other clients for what has another name here. They decide who is trusted and who one is: without effect would be dangerous.</summary>
    private static readonly Dictionary<string, string> Instead = new(StringComparer.OrdinalIgnoreCase)
    {
        ["metadata.broker.list"] = Bootstrap,
        ["sasl.jaas.config"] = $"{User} and {Password}",
        ["ssl.ca.pem"] = Authorities,
        ["ssl.ca.certificate.stores"] = Authorities,
        ["ssl.truststore.location"] = Authorities,
        ["ssl.truststore.certificates"] = Authorities,
        ["ssl.truststore.password"] = $"{Authorities}, a PEM file without a password",
        ["ssl.certificate.pem"] = Certificate,
        ["ssl.key.pem"] = Key,
        ["ssl.keystore.location"] = $"{Certificate} and {Key}, PEM files",
        ["ssl.keystore.key"] = Key,
        ["ssl.keystore.certificate.chain"] = Certificate,
        ["ssl.keystore.password"] = KeyPassword,
    };

    /// <summary>Settings that are known elsewhere and happen to look like one of ours.</summary>
    private static readonly HashSet<string> Others = new(["ssl.crl.location"], StringComparer.OrdinalIgnoreCase);

    /// <summary>What is wrong with a name that is not read here.</summary>
    /// <returns>A sentence; null when the setting only has no effect.</returns>
    internal static string? Mistake(string name, string value)
    {
        if (Instead.TryGetValue(name, out string? ours)) return $"{name} is not read here: use {ours}.";
        bool isOff = value.Equals("false", StringComparison.OrdinalIgnoreCase) || value.Equals("none", StringComparison.OrdinalIgnoreCase);
        if (isOff && (name.Equals("enable.ssl.certificate.verification", StringComparison.OrdinalIgnoreCase) || name.Equals("ssl.endpoint.identification.algorithm", StringComparison.OrdinalIgnoreCase)))
            return $"{name} is '{value}', but brokers are always checked: trust their authority with {Authorities}, and leave this out.";
        return !Others.Contains(name) && Spelling.Nearest(name, All) is { } meant ? $"There is no setting '{name}'. Did you mean '{meant}'?" : null;
    }
}
