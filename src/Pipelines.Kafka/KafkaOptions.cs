using System.Diagnostics.CodeAnalysis;
using Pipelines.Kafka.Settings;
using Pipelines.Protocol.Client;

namespace Pipelines.Kafka;

/// <summary>Which cluster, and how to talk to it.</summary>
public sealed record KafkaOptions
{
    /// <summary>What an address of a cluster begins with.</summary>
    public const string Scheme = "kafka://";

    /// <summary>Some of the cluster's brokers.</summary>
    public required IReadOnlyList<(string Host, int Port)> Bootstrap { get; init; }

    /// <summary>How connections are made: client id, time-outs, TLS, credentials. Requests of commits are waited for no longer than a transaction may be open: nothing comes of it after that.</summary>
    public BrokerConnectionOptions Connection { get; init; } = new();

    /// <summary>What the pipeline promises when something fails.</summary>
    public ProcessingGuarantee Guarantee { get; init; }

    /// <summary>How long a transaction may be open before the cluster aborts it; not above its <c>transaction.max.timeout.ms</c>. Who takes partitions of a process over that died in a commit waits so long at most.</summary>
    public TimeSpan TransactionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a request is repeated that a broker cannot serve at the moment.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a worker may be silent before the group gives its partitions to others.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the members of a group have to commit what they hold and join again when the group changes; who has not by then is out. Also about how long a request to join that is lost without a trace holds the others up.</summary>
    public TimeSpan RebalanceTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The time between signs of life; also about how soon the others hear that a member comes or goes.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Makes the worker a static member of its group under this name (KIP-345): back within the session's time-out it has its partitions without a rebalance, and it keeps them while it is stopped.
    /// Null: on Linux a process that was killed is replaced at once by the next one on the same machine; who is stopped leaves the group.
    /// </summary>
    public string? InstanceId { get; init; }

    /// <summary>Settings that were given and mean nothing here, such as those of queues that this client does not have.</summary>
    public IReadOnlyList<string> Unused { get; init; } = [];

    /// <summary>How connections are made over which commits go.</summary>
    internal BrokerConnectionOptions CommitConnection => Connection.RequestTimeout <= TransactionTimeout ? Connection : Connection with { RequestTimeout = TransactionTimeout };

    /// <summary>What the cluster calls this client in its rules, unless it maps certificates to other names.</summary>
    internal string Principal => Connection.Credentials is { } login
        ? $"User:{login.User}"
        : Connection.Tls?.Invoke("").ClientCertificateContext?.TargetCertificate.Subject.Replace(", ", ",", StringComparison.Ordinal) is { } subject ? $"User:{subject}" : "User:ANONYMOUS";

    /// <summary>True reads what is not committed too, so that a test of a checker can see it notice.</summary>
    internal bool ReadsUncommitted { get; init; }

    /// <summary>False gives partitions to a member before another has released them, so that a test of a checker can see it notice.</summary>
    internal bool Withholds { get; init; } = true;

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Reads settings by the names of librdkafka, such as those of a Confluent <c>ClientConfig</c>, which can be given as it is.</summary>
    /// <param name="settings">Names and values; <c>bootstrap.servers</c> has to be among them.</param>
    /// <exception cref="ArgumentException">Some cannot be used; it says which and why.</exception>
    public static KafkaOptions From(IEnumerable<KeyValuePair<string, string>> settings)
    {
        var wrong = new List<string>();
        KafkaOptions options = new KafkaOptions { Bootstrap = [] }.With(settings, wrong);
        if (options.Bootstrap.Count == 0 && wrong.Count == 0) wrong.Add("bootstrap.servers is not there.");
        return wrong.Count == 0 ? options : throw new ArgumentException(string.Join(' ', wrong), nameof(settings));
    }

    /// <summary>These options, changed by settings by the names of librdkafka.</summary>
    /// <param name="settings">Names and values.</param>
    /// <param name="wrong">Gets a sentence for each setting that cannot be used.</param>
    public KafkaOptions With(IEnumerable<KeyValuePair<string, string>> settings, ICollection<string> wrong)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(wrong);
        return KafkaSettings.Read(this, settings, wrong);
    }

    /// <summary>Reads <c>kafka://host:9092,other:9092</c>.</summary>
    /// <returns><see langword="false"/> when it is not that.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out KafkaOptions? options)
    {
        options = null;
        if (text is null || !text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return false;
        if (!BootstrapAddresses.TryParse(text[Scheme.Length..].TrimEnd('/'), out IReadOnlyList<(string, int)>? brokers)) return false;
        options = new KafkaOptions { Bootstrap = brokers };
        return true;
    }
}
