using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipelines.Broker.Server.Faults;

namespace Pipelines.Broker.Server;

/// <summary>How the broker meets its clients.</summary>
public sealed record BrokerServerOptions
{
    /// <summary>Where to listen; a free port on loopback by default.</summary>
    public Address Listen { get; init; } = new("127.0.0.1", 0);

    /// <summary>Where clients are told that the broker is; where they have reached it when null.</summary>
    public Address? Advertised { get; init; }

    /// <summary>The number of the broker in metadata.</summary>
    public int NodeId { get; init; } = 1;

    /// <summary>True to create topics that clients ask for by name.</summary>
    public bool CreatesTopics { get; init; } = true;

    /// <summary>The partitions of a topic for which nobody said how many.</summary>
    public int DefaultPartitions { get; init; } = 1;

    /// <summary>The largest request (Kafka: <c>socket.request.max.bytes</c>).</summary>
    public int MaxRequestBytes { get; init; } = 100 * 1024 * 1024;

    /// <summary>The most bytes of records that one fetch brings (Kafka: <c>fetch.max.bytes</c>).</summary>
    public int MaxFetchBytes { get; init; } = 55 * 1024 * 1024;

    /// <summary>The bytes of requests that one connection may have under way before no more is read of it.</summary>
    public int MaxConnectionBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>The most connections (Kafka: <c>max.connections</c>).</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>The most connections from one address (Kafka: <c>max.connections.per.ip</c>).</summary>
    public int MaxConnectionsPerAddress { get; init; } = 10_000;

    /// <summary>A connection that was silent for so long is closed (Kafka: <c>connections.max.idle.ms</c>).</summary>
    public TimeSpan MaxIdle { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How connections are encrypted; when null they are not.</summary>
    public TlsOptions? Tls { get; init; }

    /// <summary>How clients say who they are; when null all of them are <c>User:ANONYMOUS</c>.</summary>
    public SaslOptions? Sasl { get; init; }

    /// <summary>What clients may do; when null, everything.</summary>
    public AuthorizationOptions? Authorization { get; init; }

    /// <summary>Lets a test decide what happens to requests; null outside of tests.</summary>
    public BrokerFaults? Faults { get; init; }

    /// <summary>Where the broker says what it does.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}
