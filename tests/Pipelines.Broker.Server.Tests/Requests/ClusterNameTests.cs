using Pipelines.Broker.Disk;
using Pipelines.Broker.Server.Tests.Support;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Tests.Requests;

/// <summary>The id by which clients know the cluster again.</summary>
public sealed class ClusterNameTests : IDisposable
{
    private const string Former = "abcdefghijklmnopqrstuv";
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipelines-cluster-");

    private string FormerFile => Path.Combine(folder.FullName, "cluster-id");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task It_stays_through_restarts_and_rewritten_journals()
    {
        (string first, IReadOnlyList<string> told) = await StartAsync();
        Assert.Matches("^[A-Za-z0-9_-]{22}$", first);
        Assert.Empty(told);
        var options = new EngineOptions { Disk = new PhysicalDisk(folder.FullName), JournalBytes = 1 };
        await using (LogEngine engine = await LogEngine.OpenAsync(options))
        {
            // Each write makes the journal anew.
            for (int i = 0; i < 3; i++) Assert.Equal(ErrorCode.None, await engine.CreateTopicAsync($"topic-{i}", 1));
        }

        (string again, told) = await StartAsync();
        Assert.Equal(first, again);
        Assert.Empty(told);
    }

    [Fact]
    public async Task That_of_an_earlier_version_is_kept_though_its_file_is_lost_later()
    {
        await File.WriteAllTextAsync(FormerFile, Former);
        Assert.Equal(Former, (await StartAsync()).Id);
        File.Delete(FormerFile);
        Assert.Equal(Former, (await StartAsync()).Id);
    }

    [Fact]
    public async Task When_it_is_lost_before_that_the_new_one_is_told_once()
    {
        await using (LogEngine engine = await LogEngine.OpenAsync(new EngineOptions { Disk = new PhysicalDisk(folder.FullName) }))
            Assert.Equal(ErrorCode.None, await engine.CreateTopicAsync("ticks", 1));
        (string id, IReadOnlyList<string> told) = await StartAsync();
        Assert.Contains($"its file 'cluster-id' is lost. The cluster is called {id} from now on.", Assert.Single(told), StringComparison.Ordinal);
        (string again, told) = await StartAsync();
        Assert.Equal(id, again);
        Assert.Empty(told);
    }

    private async Task<(string Id, IReadOnlyList<string> Told)> StartAsync()
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(folder.FullName);
        await using BrokerConnection client = await broker.ConnectAsync();
        MetadataResponse answer = await client.SendAsync(new MetadataRequest { Topics = [] });
        return (answer.ClusterId!, broker.Engine.Recovery.Messages);
    }
}
