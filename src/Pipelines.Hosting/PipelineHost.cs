using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Pipelines.Broker;
using Pipelines.Broker.Disk;
using Pipelines.Broker.Recovery;
using Pipelines.Broker.Server;
using Pipelines.Hosting.Embedded;
using Pipelines.Kafka;
using Pipelines.Runtime;
using Pipelines.Runtime.Brokers;
using Pipelines.Topology;

namespace Pipelines.Hosting;

/// <summary>The broker and the worker of a process, started and stopped with its host.</summary>
public sealed class PipelineHost : IHostedService, IAsyncDisposable
{
    private readonly PipelinesOptions options;
    private readonly ILoggerFactory loggers;
    private readonly ILogger logger;
    private readonly ILogger brokerLogger;
    private readonly IHostApplicationLifetime lifetime;
    private readonly TimeProvider clock;
    private readonly List<Deployment> deployments;
    private IBroker? broker;
    private BrokerServer? server;
    private PipelineWorker? worker;
    private volatile PipelineWorker? latest;
    private Exception? startFailure;

    /// <summary>A host of all topologies that are registered.</summary>
    public PipelineHost(
        IOptions<PipelinesOptions> options,
        IEnumerable<DeploymentTopology> topologies,
        IServiceProvider services,
        IConfiguration configuration,
        TimeProvider clock,
        ILoggerFactory loggers,
        IHostApplicationLifetime lifetime)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options.Value;
        this.clock = clock;
        this.loggers = loggers;
        logger = loggers.CreateLogger("Pipelines.Worker");
        brokerLogger = loggers.CreateLogger("Pipelines.Broker");
        this.lifetime = lifetime;
        deployments = [.. topologies.Select(topology => new Deployment(
            topology, new DeploymentServices(services, configuration.GetSection($"{PipelinesOptions.Section}:Deployments:{topology.Name}"))))];
    }

    /// <summary>The deployments.</summary>
    public IReadOnlyList<Deployment> Deployments => deployments;

    /// <summary>Where each task of this process stands, from the moment the worker begins to start; empty before.</summary>
    public IReadOnlyList<TaskReport> Tasks => latest?.Tasks ?? [];

    /// <summary>True once the worker runs.</summary>
    public bool IsStarted => worker is not null;

    /// <summary>Why the worker failed, or could not be started, or null.</summary>
    public Exception? Failure => worker?.Completion.Exception?.InnerException ?? startFailure;

    /// <summary>True when a start that fails ends the process, after one line that says why, instead of throwing.</summary>
    internal bool EndsProcess { get; set; }

    /// <summary>The broker, for producers and readers beside the detectors.</summary>
    /// <exception cref="InvalidOperationException">The host has not started.</exception>
    public IBroker Broker => broker ?? throw NotStarted();

    /// <summary>Where other clients reach the broker; null when nowhere.</summary>
    public Address? Address => server?.Address;

    /// <summary>The worker.</summary>
    /// <exception cref="InvalidOperationException">The host has not started.</exception>
    public PipelineWorker Worker => worker ?? throw NotStarted();

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            broker = options.ToKafkaOptions(clock, []) is { } cluster ? OpenCluster(cluster) : await OpenEmbeddedAsync();
            worker = await StartWorkerAsync(broker, cancellationToken);
            _ = StopWithWorkerAsync(worker);
        }
        catch (Exception refused)
        {
            await StopAsync(CancellationToken.None);
            // Whoever stops a host that waits for its broker wants nothing else.
            if (EndsProcess && refused is OperationCanceledException && cancellationToken.IsCancellationRequested) return;
            startFailure = refused;
            if (!EndsProcess || IsUnexpected(refused)) throw;
            HostLog.NotStarted(logger, refused.Message);
            EndProcess();
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (worker is not null) await worker.StopAsync();
        if (server is not null) await server.DisposeAsync();
        server = null;
        if (broker is not null) await broker.DisposeAsync();
        broker = null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    /// <summary>A process whose worker has failed would look alive and do nothing: it ends instead.</summary>
    private async Task StopWithWorkerAsync(PipelineWorker running)
    {
        try
        {
            await running.Completion;
        }
        catch (Exception failure)
        {
            // The worker has said why.
            HostLog.WorkerFailed(logger, failure.Message);
            EndProcess();
        }
    }

    private void EndProcess()
    {
        Environment.ExitCode = 1;
        lifetime.StopApplication();
    }

    /// <summary>A worker that has started. While the broker cannot be reached it waits, and whoever stops the host need not.</summary>
    private async Task<PipelineWorker> StartWorkerAsync(IBroker on, CancellationToken cancellationToken)
    {
        var starting = new PipelineWorker(on, deployments, options.ToWorkerOptions(clock), logger);
        latest = starting;
        try
        {
            await starting.StartAsync().WaitAsync(cancellationToken);
            return starting;
        }
        catch
        {
            await starting.StopAsync();
            throw;
        }
    }

    /// <summary>True for what nobody foresaw: its message alone does not say what to do.</summary>
    private static bool IsUnexpected(Exception failure) =>
        failure is not (BrokerException or TopologyException or DataFolderLockedException or CorruptLogException or StorageFailedException or IOException or UnauthorizedAccessException);

    private async Task<EngineBroker> OpenEmbeddedAsync()
    {
        EngineBroker embedded = await EngineBroker.OpenAsync(options.DataFolder, options.WaitForDisk, clock, brokerLogger);
        if (Pipelines.Broker.Server.Address.TryParse(options.Listen, out Address listen))
            server = await BrokerServer.StartAsync(embedded.Engine, new BrokerServerOptions { Listen = listen, LoggerFactory = loggers });
        return embedded;
    }

    private KafkaBroker OpenCluster(KafkaOptions cluster)
    {
        foreach (string name in cluster.Unused) HostLog.Unused(brokerLogger, name);
        return new KafkaBroker(cluster, brokerLogger);
    }

    private static InvalidOperationException NotStarted() => new(
        "The pipeline host has not started, so there is no broker yet. Use it after the host's StartAsync.");
}
