using Pipelines.KafkaLoad.Loads;
using Pipelines.Loads.Brokers;

namespace Pipelines.KafkaLoad.Parts;

/// <summary>A new broker in a new folder, with the topics that a job needs; both go when it is disposed of.</summary>
internal sealed class Bench : IAsyncDisposable
{
    internal const int Partitions = 4;

    private readonly DirectoryInfo folder;

    private Bench(DirectoryInfo folder, BrokerProcess broker)
    {
        this.folder = folder;
        Broker = broker;
    }

    internal BrokerProcess Broker { get; }

    /// <summary>Starts the broker and makes the input's topics.</summary>
    internal static async Task<Bench> StartAsync(BrokerKind kind, int port)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pipelines-kafka-load-");
        BrokerProcess broker = await kind.StartAsync(Path.Combine(folder.FullName, "broker"), port);
        var bench = new Bench(folder, broker);
        await broker.CreateTopicAsync(Events.Topic, Partitions);
        await broker.CreateTopicAsync(Events.Accounts, Partitions);
        return bench;
    }

    /// <summary>A folder for local state.</summary>
    internal string FolderOf(string name) => Path.Combine(folder.FullName, name);

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
