using Microsoft.Extensions.Logging.Abstractions;
using Pipelines.Broker.Groups;
using Pipelines.Broker.Server;
using Pipelines.Hosting.Embedded;
using Pipelines.Runtime.Brokers;
using Pipelines.Tests.Brokers;

namespace Pipelines.Kafka.Tests.Brokers;

/// <summary>What the seam is checked on.</summary>
public enum SeamKind
{
    /// <summary>The engine in this process.</summary>
    Embedded,

    /// <summary>The shipped broker over TCP.</summary>
    Shipped,

    /// <summary>Apache Kafka.</summary>
    ApacheKafka,
}

/// <summary>A broker, and implementations of the seam that talk to it.</summary>
internal sealed class SeamBroker : IAsyncDisposable
{
    private static readonly Lazy<Task<ApacheKafka>> Apache = new(() => ApacheKafka.StartAsync());
    private readonly List<IAsyncDisposable> owned = [];
    private readonly string? folder;

    private SeamBroker(SeamKind kind, string? folder = null)
    {
        Kind = kind;
        this.folder = folder;
    }

    /// <summary>What it is.</summary>
    public SeamKind Kind { get; }

    /// <summary>The seam.</summary>
    public IBroker Broker { get; private set; } = null!;

    /// <summary>Where clients of the protocol reach it; null for the embedded one.</summary>
    public string? Bootstrap { get; private set; }

    /// <summary>Starts one, or takes the Apache Kafka that all checks share.</summary>
    /// <param name="kind">What to start.</param>
    /// <param name="groups">What members of groups may ask the shipped broker for.</param>
    public static async Task<SeamBroker> StartAsync(SeamKind kind, GroupOptions? groups = null)
    {
        switch (kind)
        {
            case SeamKind.Embedded:
                string folder = Directory.CreateTempSubdirectory("pipelines-seam-").FullName;
                var embedded = new SeamBroker(kind, folder) { Broker = await EngineBroker.OpenAsync(folder, waitForDisk: true, TimeProvider.System, NullLogger.Instance) };
                embedded.owned.Add(embedded.Broker);
                return embedded;
            case SeamKind.Shipped:
                EmbeddedBroker shipped = await EmbeddedBroker.StartAsync(groupOptions: groups);
                SeamBroker overTcp = At(kind, shipped.BootstrapServers);
                overTcp.owned.Add(shipped);
                return overTcp;
            default:
                RequireApache();
                return At(kind, (await Apache.Value).Bootstrap);
        }
    }

    /// <summary>Starts an Apache Kafka that only one check uses, with settings of the check's own.</summary>
    public static async Task<SeamBroker> StartApacheAsync(params string[] settings)
    {
        RequireApache();
        ApacheKafka apache = await ApacheKafka.StartAsync(settings);
        SeamBroker seam = At(SeamKind.ApacheKafka, apache.Bootstrap);
        seam.owned.Add(apache);
        return seam;
    }

    /// <summary>Ends the Apache Kafka that all checks share.</summary>
    public static async ValueTask EndSharedAsync()
    {
        if (Apache.IsValueCreated) await (await Apache.Value).DisposeAsync();
    }

    /// <summary>Skips the test where Apache Kafka is not at hand.</summary>
    public static void RequireApache() => Assert.SkipWhen(ApacheKafka.Home is null, "KAFKA_HOME is not set: the seam's checks on Apache Kafka wait for it.");

    /// <summary>A name that no other check uses.</summary>
    public static string Unique(string name) => $"{name}-{Guid.NewGuid():N}"[..(name.Length + 9)];

    /// <summary>A process that is a static member of its group under this name.</summary>
    public IBroker As(string instanceId)
    {
        Assert.True(KafkaOptions.TryParse($"kafka://{Bootstrap}", out KafkaOptions? options));
        var named = new KafkaBroker(options with { InstanceId = instanceId });
        owned.Insert(0, named);
        return named;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable one in owned) await one.DisposeAsync();
        if (folder is not null) Directory.Delete(folder, recursive: true);
    }

    private static SeamBroker At(SeamKind kind, string bootstrap)
    {
        Assert.True(KafkaOptions.TryParse($"kafka://{bootstrap}", out KafkaOptions? options));
        var broker = new SeamBroker(kind) { Broker = new KafkaBroker(options), Bootstrap = bootstrap };
        broker.owned.Add(broker.Broker);
        return broker;
    }
}
