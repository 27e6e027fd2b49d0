using Pipelines.Broker.Disk;
using Pipelines.Broker.Groups;
using Pipelines.Broker.Server.Faults;
using Pipelines.Broker.Topics;
using Pipelines.Broker.Transactions;

namespace Pipelines.Broker.Server;

/// <summary>A whole broker in this process, for tests: any Kafka client can use it at <see cref="BootstrapServers"/>.</summary>
/// <remarks>What can go wrong with a broker can be made to go wrong with this one: requests by <see cref="Faults"/>, the disk by <see cref="Disk"/>.</remarks>
/// <example><code>
/// await using var broker = await EmbeddedBroker.StartAsync();
/// var producer = new ProducerBuilder&lt;string, string&gt;(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build();
/// </code></example>
public sealed class EmbeddedBroker : IAsyncDisposable
{
    private readonly EngineOptions engineOptions;
    private readonly BrokerServerOptions options;
    private readonly GroupOptions groupOptions;
    private readonly DirectoryInfo? temporary;
    private BrokerHost? host;

    private EmbeddedBroker(EngineOptions engineOptions, BrokerServerOptions options, GroupOptions groupOptions, DirectoryInfo? temporary)
    {
        this.engineOptions = engineOptions;
        this.options = options;
        this.groupOptions = groupOptions;
        this.temporary = temporary;
    }

    /// <summary>What clients call <c>bootstrap.servers</c>: host and port.</summary>
    public string BootstrapServers => Address.ToString();

    /// <summary>Where it listens; the same after a restart.</summary>
    public Address Address { get; private set; }

    /// <summary>The engine behind it, to look at without a client.</summary>
    public LogEngine Engine => host?.Engine ?? throw new InvalidOperationException("The broker is stopped. Start it again with RestartAsync.");

    /// <summary>Sees the requests that come, and decides what happens to them.</summary>
    public BrokerFaults Faults => options.Faults!;

    /// <summary>The disk, which can be made to fail or to be slow.</summary>
    public FaultyDisk Disk => (FaultyDisk)engineOptions.Disk;

    /// <summary>Starts a broker on a free port of loopback.</summary>
    /// <param name="dataFolder">Where to keep the log; a temporary folder that goes with the broker when null.</param>
    /// <param name="options">How the broker meets its clients.</param>
    /// <param name="groupOptions">What members of groups may ask for; by default a first generation does not wait for further members.</param>
    /// <param name="durability">When a write is acknowledged.</param>
    public static async Task<EmbeddedBroker> StartAsync(
        string? dataFolder = null, BrokerServerOptions? options = null, GroupOptions? groupOptions = null, Durability durability = Durability.Fsync)
    {
        DirectoryInfo? temporary = dataFolder is null ? Directory.CreateTempSubdirectory("pipelines-broker-") : null;
        options ??= new BrokerServerOptions();
        var broker = new EmbeddedBroker(
            new EngineOptions { Disk = new FaultyDisk(new PhysicalDisk(dataFolder ?? temporary!.FullName)), Durability = durability, TopicDefaults = TopicSettings.KafkaDefaults },
            options with { Faults = options.Faults ?? new BrokerFaults() },
            groupOptions ?? new GroupOptions { InitialRebalanceDelay = TimeSpan.Zero },
            temporary);
        try
        {
            broker.Address = options.Listen;
            await broker.OpenAsync();
            return broker;
        }
        catch
        {
            temporary?.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>Stops the broker, if it runs, and starts it on the same address and the same log. Needed after the disk was made to fail.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await OpenAsync();
    }

    /// <summary>Stops the broker: its clients are cut off, and find nobody until <see cref="RestartAsync"/>.</summary>
    public async Task StopAsync()
    {
        if (host is not { } running) return;
        host = null;
        try
        {
            await running.DisposeAsync();
        }
        catch (StorageFailedException)
        {
            // The disk was made to fail; what is on it is for the next start to judge.
        }
    }

    /// <summary>Fences whoever has a transactional id, as a second instance of it would; what is open of it is aborted.</summary>
    /// <returns>What the new owner has.</returns>
    public Task<ProducerIdentity> FenceProducerAsync(string transactionalId) => Engine.OpenProducerAsync(transactionalId);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync();
        }
        finally
        {
            temporary?.Delete(recursive: true);
        }
    }

    private async Task OpenAsync()
    {
        host = await BrokerHost.StartAsync(engineOptions, options with { Listen = Address }, groupOptions);
        Address = host.Server.Address;
    }
}
