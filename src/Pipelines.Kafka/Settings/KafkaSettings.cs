using System.Globalization;

namespace Pipelines.Kafka.Settings;

/// <summary>Reads settings by the names that clients of librdkafka use, such as those of a Confluent <c>ClientConfig</c>.</summary>
/// <remarks>A name may have underscores for its dots, since names of environment variables often may not have dots.</remarks>
internal sealed class KafkaSettings
{
    private readonly Dictionary<string, string> settings = new(StringComparer.OrdinalIgnoreCase);
    private readonly ICollection<string> wrong;

    private KafkaSettings(IEnumerable<KeyValuePair<string, string>> given, ICollection<string> wrong)
    {
        foreach ((string name, string value) in given) settings[name.Replace('_', '.')] = value;
        this.wrong = wrong;
    }

    /// <summary>Reads the settings over the addresses.</summary>
    /// <param name="options">The addresses; <c>bootstrap.servers</c> goes before them.</param>
    /// <param name="given">The settings.</param>
    /// <param name="wrong">Gets a sentence for each that cannot be used.</param>
    internal static KafkaOptions Read(KafkaOptions options, IEnumerable<KeyValuePair<string, string>> given, ICollection<string> wrong)
    {
        var settings = new KafkaSettings(given, wrong);
        if (settings.Find(SettingNames.Bootstrap) is { } servers)
        {
            if (BootstrapAddresses.TryParse(servers, out IReadOnlyList<(string, int)>? brokers)) options = options with { Bootstrap = brokers };
            else wrong.Add($"{SettingNames.Bootstrap} is '{BootstrapAddresses.WithoutSecrets(servers)}', but {BootstrapAddresses.Mistake(servers)}");
        }

        var security = new SecuritySettings(settings);
        var unused = new List<string>();
        foreach (string name in settings.settings.Keys.Order(StringComparer.Ordinal))
        {
            if (SettingNames.All.Contains(name)) continue;
            if (SettingNames.Mistake(name, settings.settings[name]) is { } mistake) wrong.Add(mistake);
            else unused.Add(name);
        }

        return options with
        {
            Guarantee = settings.Guarantee() ?? options.Guarantee,
            TransactionTimeout = settings.Milliseconds("transaction.timeout.ms") ?? options.TransactionTimeout,
            SessionTimeout = settings.Milliseconds("session.timeout.ms") ?? options.SessionTimeout,
            RebalanceTimeout = settings.Milliseconds("max.poll.interval.ms") ?? options.RebalanceTimeout,
            HeartbeatInterval = settings.Milliseconds("heartbeat.interval.ms") ?? options.HeartbeatInterval,
            InstanceId = settings.Find("group.instance.id") ?? options.InstanceId,
            Unused = unused,
            Connection = options.Connection with
            {
                ClientId = settings.Find("client.id") ?? options.Connection.ClientId,
                RequestTimeout = settings.Milliseconds("request.timeout.ms") ?? settings.Milliseconds("socket.timeout.ms") ?? options.Connection.RequestTimeout,
                Tls = security.Tls(),
                Credentials = security.Credentials(),
            },
        };
    }

    /// <summary>A setting's value; null when it is not given, or empty.</summary>
    internal string? Find(string name) => settings.TryGetValue(name, out string? value) && value.Length > 0 ? value : null;

    /// <summary>Says that a setting cannot be used.</summary>
    internal void Refuse(string sentence) => wrong.Add(sentence);

    private ProcessingGuarantee? Guarantee()
    {
        string? given = Find(SettingNames.Guarantee);
        switch (given?.ToLowerInvariant())
        {
            case null: return null;
            case "exactly_once" or "exactly_once_v2": return ProcessingGuarantee.ExactlyOnce;
            case "at_least_once": return ProcessingGuarantee.AtLeastOnce;
            default:
                wrong.Add($"{SettingNames.Guarantee} is '{given}', but it is exactly_once_v2 (the usual) or at_least_once: write one of them.");
                return null;
        }
    }

    private TimeSpan? Milliseconds(string name)
    {
        if (Find(name) is not { } text) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0) return TimeSpan.FromMilliseconds(value);
        wrong.Add($"{name} is '{text}', but it is a number of milliseconds: write one above 0.");
        return null;
    }
}
