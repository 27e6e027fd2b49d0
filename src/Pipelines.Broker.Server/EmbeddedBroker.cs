using Pipelines.Broker.Disk;
using Pipelines.Broker.Groups;
using Pipelines.Broker.Topics;

namespace Pipelines.Broker.Server;

/// <summary>A whole broker in this process, for tests: any Kafka client can use it at <see cref="BootstrapServers"/>.</summary>
/// <example><code>
/// await using var broker = await EmbeddedBroker.StartAsync();
/// var producer = new ProducerBuilder&lt;string, string&gt;(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build();
/// </code></example>
public sealed class EmbeddedBroker : IAsyncDisposable
{
    private readonly BrokerHost host;
    private readonly DirectoryInfo? temporary;

    private EmbeddedBroker(BrokerHost host, DirectoryInfo? temporary)
    {
        this.host = host;
        this.temporary = temporary;
    }

    /// <summary>What clients call <c>bootstrap.servers</c>: host and port.</summary>
    public string BootstrapServers => Address.ToString();

    /// <summary>Where it listens.</summary>
    public Address Address => host.Server.Address;

    /// <summary>The engine behind it, to look at without a client.</summary>
    public LogEngine Engine => host.Engine;

    /// <summary>Starts a broker on a free port of loopback.</summary>
    /// <param name="dataFolder">Where to keep the log; a temporary folder that goes with the broker when null.</param>
    /// <param name="options">How the broker meets its clients.</param>
    /// <param name="groupOptions">What members of groups may ask for; by default a first generation does not wait for further members.</param>
    /// <param name="durability">When a write is acknowledged.</param>
    public static async Task<EmbeddedBroker> StartAsync(
        string? dataFolder = null, BrokerServerOptions? options = null, GroupOptions? groupOptions = null, Durability durability = Durability.Fsync)
    {
        DirectoryInfo? temporary = dataFolder is null ? Directory.CreateTempSubdirectory("pipelines-broker-") : null;
        try
        {
            var engine = new EngineOptions { Disk = new PhysicalDisk(dataFolder ?? temporary!.FullName), Durability = durability, TopicDefaults = TopicSettings.KafkaDefaults };
            groupOptions ??= new GroupOptions { InitialRebalanceDelay = TimeSpan.Zero };
            return new EmbeddedBroker(await BrokerHost.StartAsync(engine, options ?? new BrokerServerOptions(), groupOptions), temporary);
        }
        catch
        {
            temporary?.Delete(recursive: true);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await host.DisposeAsync();
        }
        finally
        {
            temporary?.Delete(recursive: true);
        }
    }
}
