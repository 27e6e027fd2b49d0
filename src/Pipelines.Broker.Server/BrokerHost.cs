using Pipelines.Broker.Disk;
using Pipelines.Broker.Groups;
using Pipelines.Broker.Recovery;

namespace Pipelines.Broker.Server;

/// <summary>An engine on a data folder and the server before it: all of a broker.</summary>
public sealed class BrokerHost : IAsyncDisposable
{
    private BrokerHost(LogEngine engine, BrokerServer server)
    {
        Engine = engine;
        Server = server;
    }

    /// <summary>The engine.</summary>
    public LogEngine Engine { get; }

    /// <summary>The server.</summary>
    public BrokerServer Server { get; }

    /// <summary>Opens the engine and starts to listen.</summary>
    /// <param name="engineOptions">How the engine keeps its log, and where.</param>
    /// <param name="options">How the broker meets its clients; the cluster's id comes from the data folder.</param>
    /// <param name="groupOptions">What members of groups may ask for.</param>
    /// <exception cref="DataFolderLockedException">Another process has the folder.</exception>
    /// <exception cref="CorruptLogException">A log is damaged where it was known to be durable.</exception>
    /// <exception cref="IOException">The folder cannot be used, or the address is taken.</exception>
    public static async Task<BrokerHost> StartAsync(EngineOptions engineOptions, BrokerServerOptions options, GroupOptions? groupOptions = null)
    {
        ArgumentNullException.ThrowIfNull(engineOptions);
        LogEngine engine = await LogEngine.OpenAsync(engineOptions);
        try
        {
            return new BrokerHost(engine, await BrokerServer.StartAsync(engine, options, groupOptions, await ClusterName.OfAsync(engine)));
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Engine.DisposeAsync();
    }
}
