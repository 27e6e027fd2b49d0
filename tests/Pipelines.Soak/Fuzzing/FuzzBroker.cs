using System.Net;
using Microsoft.AspNetCore.Connections;
using Pipelines.Broker;
using Pipelines.Broker.Disk;
using Pipelines.Broker.Groups;
using Pipelines.Broker.Server;
using Pipelines.Broker.Server.Connections;
using Pipelines.Broker.Server.Requests;

namespace Pipelines.Soak.Fuzzing;

/// <summary>A broker without sockets: requests are given to it as connections would, on a folder that goes with it.</summary>
internal sealed class FuzzBroker : IAsyncDisposable
{
    private const int Connections = 8;
    private static readonly IPEndPoint Here = new(IPAddress.Loopback, 9092);
    private readonly DirectoryInfo folder;
    private readonly GroupService groups;
    private readonly Connection[] connections = new Connection[Connections];
    private long lastConnection;
    private int turn;

    private FuzzBroker(DirectoryInfo folder, LogEngine engine, GroupService groups)
    {
        this.folder = folder;
        this.groups = groups;
        Engine = engine;
        Services = new BrokerServices(engine, groups, new BrokerServerOptions(), "fuzz");
    }

    internal LogEngine Engine { get; }

    internal BrokerServices Services { get; }

    internal static async Task<FuzzBroker> StartAsync()
    {
        DirectoryInfo folder = Directory.CreateDirectory(Path.Combine(MemoryFolder, $"pipelines-fuzz-{Environment.ProcessId}-{Guid.NewGuid():N}"));
        LogEngine engine = await OpenAsync(folder);
        return new FuzzBroker(folder, engine, await GroupService.OpenAsync(engine, new GroupOptions { InitialRebalanceDelay = TimeSpan.Zero }));
    }

    /// <summary>Creates the topics that requests name, where they are not there any more.</summary>
    internal async Task PrepareAsync(Words words)
    {
        foreach (string topic in Words.Topics)
        {
            if (Engine.FindTopic(topic) is not null) continue;
            await Engine.CreateTopicAsync(topic, 2);
            words.Learn(Engine.FindTopic(topic)?.Id ?? default);
        }
    }

    /// <summary>A connection that is still open.</summary>
    internal Connection NextConnection()
    {
        ref Connection? connection = ref connections[turn++ % Connections]!;
        if (connection is null || connection.Closed.IsCancellationRequested) connection = new Connection(new DefaultConnectionContext { LocalEndPoint = Here, RemoteEndPoint = Here }, Services, ++lastConnection);
        return connection;
    }

    /// <summary>Ends what waits: the connections are cut, and the groups closed.</summary>
    internal void EndWaits()
    {
        foreach (Connection? connection in connections) connection?.Abort("the round is over");
        groups.Dispose();
    }

    /// <summary>Closes the log and opens it again: what clients sent must not spoil it.</summary>
    internal async Task ReopenAsync()
    {
        await Engine.DisposeAsync();
        await (await OpenAsync(folder)).DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        EndWaits();
        try
        {
            await Engine.DisposeAsync();
        }
        catch (StorageFailedException)
        {
            // Counted already.
        }

        folder.Delete(recursive: true);
    }

    private static string MemoryFolder => Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    private static Task<LogEngine> OpenAsync(DirectoryInfo folder) =>
        LogEngine.OpenAsync(new EngineOptions { Disk = new PhysicalDisk(folder.FullName), Durability = Durability.Os, SegmentBytes = 256 * 1024 });
}
