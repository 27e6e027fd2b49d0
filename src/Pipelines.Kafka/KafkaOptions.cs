using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Pipelines.Protocol.Client;

namespace Pipelines.Kafka;

/// <summary>Which cluster, and how to talk to it.</summary>
public sealed record KafkaOptions
{
    /// <summary>What an address of a cluster begins with.</summary>
    public const string Scheme = "kafka://";

    private const int UsualPort = 9092;

    /// <summary>Some of the cluster's brokers.</summary>
    public required IReadOnlyList<(string Host, int Port)> Bootstrap { get; init; }

    /// <summary>How connections are made: client id, time-outs, TLS, credentials.</summary>
    public BrokerConnectionOptions Connection { get; init; } = new();

    /// <summary>How long a transaction may be open before the cluster aborts it; not above its <c>transaction.max.timeout.ms</c>.</summary>
    public TimeSpan TransactionTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a request is repeated that a broker cannot serve at the moment.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Reads <c>kafka://host:9092,other:9092</c>.</summary>
    /// <returns><see langword="false"/> when it is not that.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out KafkaOptions? options)
    {
        options = null;
        if (text is null || !text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return false;
        var brokers = new List<(string, int)>();
        foreach (string part in text[Scheme.Length..].TrimEnd('/').Split(',', StringSplitOptions.TrimEntries))
        {
            int colon = part.LastIndexOf(':');
            bool hasPort = colon > 0 && part[^1] != ']';
            int port = UsualPort;
            if (hasPort && (!int.TryParse(part.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is 0 or > ushort.MaxValue)) return false;
            string host = (hasPort ? part[..colon] : part).Trim('[', ']');
            if (host.Length == 0 || host.Contains('/', StringComparison.Ordinal)) return false;
            brokers.Add((host, port));
        }

        options = new KafkaOptions { Bootstrap = brokers };
        return true;
    }
}
