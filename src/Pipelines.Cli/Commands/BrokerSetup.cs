using System.Globalization;
using Microsoft.Extensions.Logging;
using Pipelines.Broker;
using Pipelines.Broker.Disk;
using Pipelines.Broker.Groups;
using Pipelines.Broker.Recovery;
using Pipelines.Broker.Server;
using Pipelines.Broker.Topics;

namespace Pipelines.Cli.Commands;

/// <summary>The broker's settings: what was typed, over what the file says, over what is usual.</summary>
internal sealed partial class BrokerSetup
{
    private const string RetentionMs = "retention.ms";

    private readonly BrokerArguments arguments;
    private readonly Dictionary<string, string> settings = new(StringComparer.Ordinal);
    private readonly HashSet<string> used = new(StringComparer.Ordinal);
    private readonly List<string> mistakes = [];

    private BrokerSetup(BrokerArguments arguments)
    {
        this.arguments = arguments;
    }

    /// <summary>What is not wrong, and perhaps not meant either.</summary>
    internal IReadOnlyList<string> Warnings { get; private set; } = [];

    private Address? Advertised { get; set; }

    /// <summary>Reads the file and checks everything.</summary>
    /// <exception cref="BrokerSetupException">Something is wrong; all of it is said at once.</exception>
    internal static BrokerSetup Read(BrokerArguments arguments)
    {
        var setup = new BrokerSetup(arguments);
        setup.ReadFile();
        setup.CheckAddresses();
        // Built once to find all mistakes before anything is opened.
        setup.CheckOpenness(setup.Server(Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance));
        setup.Engine(Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        setup.Groups();
        if (setup.mistakes.Count > 0) throw new BrokerSetupException(string.Join(Environment.NewLine, setup.mistakes.Distinct()));
        setup.Warnings = [.. setup.securityWarnings, .. setup.settings.Keys.Where(name => !setup.used.Contains(name)).Select(name => $"setting '{name}' of {arguments.Config} is not known here and has no effect")];
        return setup;
    }

    internal EngineOptions Engine(ILoggerFactory logging)
    {
        ILogger log = logging.CreateLogger("Pipelines.Broker");
        return new EngineOptions
        {
            Disk = new PhysicalDisk(arguments.DataFolder),
            Durability = arguments.Durability,
            // Reading segments of 1 GiB on each start takes longer than all else; what no flush covered is read all the same.
            Verification = Verification.Unproven,
            TopicDefaults = TopicDefaults(),
            HousekeepingInterval = Shortest(Milliseconds("log.retention.check.interval.ms", 15_000), Milliseconds("log.cleaner.backoff.ms", 15_000)),
            MaxTransactionTimeout = Milliseconds("transaction.max.timeout.ms", 900_000),
            OnCompactionFailed = message => CliLog.CompactionFailed(log, message),
            OnDamage = message => CliLog.Damaged(log, message),
            OnRecovery = message => CliLog.Recovered(log, message),
        };
    }

    internal BrokerServerOptions Server(ILoggerFactory logging) => new()
    {
        Listen = arguments.Listen,
        Advertised = Advertised,
        NodeId = Number("node.id", Number("broker.id", 1, 0, int.MaxValue), 0, int.MaxValue),
        CreatesTopics = Flag("auto.create.topics.enable", usual: true),
        DefaultPartitions = Number("num.partitions", 1, 1, 10_000),
        MaxRequestBytes = Number("socket.request.max.bytes", 100 * 1024 * 1024, 1024, int.MaxValue),
        MaxFetchBytes = Number("fetch.max.bytes", 55 * 1024 * 1024, 1024, int.MaxValue),
        MaxConnections = Number("max.connections", 10_000, 1, int.MaxValue),
        MaxConnectionsPerAddress = Number("max.connections.per.ip", 10_000, 1, int.MaxValue),
        MaxIdle = Milliseconds("connections.max.idle.ms", 600_000),
        Tls = Tls(),
        Sasl = Sasl(),
        Authorization = Authorization(),
        LoggerFactory = logging,
    };

    internal GroupOptions Groups() => new()
    {
        MinSessionTimeout = Milliseconds("group.min.session.timeout.ms", 6_000),
        MaxSessionTimeout = Milliseconds("group.max.session.timeout.ms", 1_800_000),
        InitialRebalanceDelay = Milliseconds("group.initial.rebalance.delay.ms", 300),
        MaxSize = Number("group.max.size", 10_000, 1, int.MaxValue),
        CleanupInterval = Milliseconds("offsets.retention.check.interval.ms", 600_000),
    };

    private void ReadFile()
    {
        if (arguments.Config is not { } file) return;
        if (!file.Exists) throw new BrokerSetupException($"There is no file '{file.FullName}'. Correct --config, or leave it out.");
        int line = 0;
        foreach (string text in File.ReadLines(file.FullName))
        {
            line++;
            string trimmed = text.Trim();
            if (trimmed.Length == 0 || trimmed[0] is '#' or '!') continue;
            int equals = trimmed.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) mistakes.Add($"{file.Name}, line {line} is not NAME=VALUE.");
            else settings[trimmed[..equals].Trim()] = trimmed[(equals + 1)..].Trim();
        }
    }

    private void CheckAddresses()
    {
        if (arguments.Advertise is { } advertise)
        {
            if (Address.TryParse(advertise, out Address address)) Advertised = address;
            else mistakes.Add($"'{advertise}' is no address to advertise. Write host:port, such as broker.example:9092.");
        }
    }

    /// <summary>The settings of topics that do not have them: what the file says for all topics, and else what is usual.</summary>
    private Dictionary<string, string> TopicDefaults()
    {
        var defaults = new Dictionary<string, string>(TopicSettings.KafkaDefaults, StringComparer.Ordinal);
        foreach (Setting setting in TopicSettings.All)
        {
            if (setting.BrokerName is not { } name || !Find(name, out string value)) continue;
            if (setting.FindMistake(value) is { } mistake) mistakes.Add(mistake.Replace($"'{setting.Name}'", $"'{name}'", StringComparison.Ordinal));
            else defaults[setting.Name] = value;
        }

        // Kafka's older words for the same.
        if (Find("log.retention.hours", out _)) defaults[RetentionMs] = Scaled("log.retention.hours", 3_600_000);
        if (Find("log.retention.minutes", out _)) defaults[RetentionMs] = Scaled("log.retention.minutes", 60_000);
        if (Find("log.retention.ms", out string exact) && mistakes.Count == 0) defaults[RetentionMs] = exact;
        if (Find("log.roll.hours", out _) && !Find("log.roll.ms", out _)) defaults["segment.ms"] = Scaled("log.roll.hours", 3_600_000);
        return defaults;
    }

    private string Scaled(string name, long unit)
    {
        long value = Number(name, -1, -1, int.MaxValue);
        return (value < 0 ? -1 : value * unit).ToString(CultureInfo.InvariantCulture);
    }

    private int Number(string name, int usual, int least, int most)
    {
        if (!Find(name, out string text)) return usual;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most) return value;
        mistakes.Add($"Setting '{name}' is '{text}'; it has to be a number from {least} to {most}.");
        return usual;
    }

    private static TimeSpan Shortest(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private TimeSpan Milliseconds(string name, int usual) => TimeSpan.FromMilliseconds(Number(name, usual, 0, int.MaxValue));

    private bool Flag(string name, bool usual)
    {
        if (!Find(name, out string text)) return usual;
        if (bool.TryParse(text, out bool value)) return value;
        mistakes.Add($"Setting '{name}' is '{text}'; it has to be true or false.");
        return usual;
    }

    private bool Find(string name, out string text)
    {
        used.Add(name);
        return settings.TryGetValue(name, out text!);
    }
}

/// <summary>The settings are wrong.</summary>
internal sealed class BrokerSetupException(string message) : Exception(message);
