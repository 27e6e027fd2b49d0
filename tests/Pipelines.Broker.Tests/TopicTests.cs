using Pipelines.Broker.Topics;
using Pipelines.Broker.Journal;
using Pipelines.Broker.Tests.Support;
using static Pipelines.Broker.Tests.Support.Engines;

namespace Pipelines.Broker.Tests;

public sealed class TopicTests
{
    [Fact]
    public async Task Topics_keep_their_ids_and_settings()
    {
        var disk = new CrashDisk();
        TopicDescription created;
        await using (LogEngine engine = await OpenAsync(disk))
        {
            Assert.Null(engine.FindTopic("t"));
            Assert.Equal(ErrorCode.None, await engine.CreateTopicAsync("t", 3, new Dictionary<string, string> { ["cleanup.policy"] = "compact", ["retention.ms"] = "-1" }));
            created = engine.FindTopic("t")!;
        }

        await using LogEngine again = await OpenAsync(disk.AfterPowerCut(new Random(1), keepChance: 0));
        TopicDescription found = Assert.Single(again.Topics);
        Assert.Equal((created.Name, created.Id, 3), (found.Name, found.Id, found.Partitions));
        Assert.NotEqual(Guid.Empty, found.Id);
        Assert.Equal(created.Settings, found.Settings);
        Assert.Equal(ErrorCode.TopicAlreadyExists, await again.CreateTopicAsync("t", 3));
    }

    [Fact]
    public async Task Groups_keep_their_settings()
    {
        var disk = new CrashDisk();
        await using (LogEngine engine = await OpenAsync(disk))
        {
            Assert.Equal(ErrorCode.None, await engine.AlterGroupAsync("g", static _ => new Dictionary<string, string> { ["streams.session.timeout.ms"] = "9000" }));
            Assert.Equal(ErrorCode.None, await engine.AlterGroupAsync("gone", static _ => new Dictionary<string, string> { ["streams.session.timeout.ms"] = "1" }));
            Assert.Equal(ErrorCode.None, await engine.AlterGroupAsync("gone", static _ => new Dictionary<string, string>()));
            Assert.Equal(ErrorCode.InvalidConfig, await engine.AlterGroupAsync("g", static _ => null));
        }

        // The second time what is read is what the first start has written anew.
        for (int start = 0; start < 2; start++)
        {
            await using LogEngine again = await OpenAsync(disk.AfterPowerCut(new Random(start), keepChance: 0));
            Assert.Equal([new("streams.session.timeout.ms", "9000")], again.SettingsOfGroup("g"));
            Assert.Empty(again.SettingsOfGroup("gone"));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../a")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData("a\0")]
    public async Task Names_that_Kafka_refuses_are_refused(string name)
    {
        var disk = new CrashDisk();
        await using LogEngine engine = await OpenAsync(disk);
        Assert.Equal(ErrorCode.InvalidTopic, await engine.CreateTopicAsync(name, 1));
        Assert.Empty(disk.ListFolders("topics"));
    }

    [Fact]
    public async Task Names_have_249_letters_and_differ_in_more_than_dots()
    {
        await using LogEngine engine = await OpenAsync(new CrashDisk());
        Assert.Equal(ErrorCode.None, await engine.CreateTopicAsync(new string('x', 249), 1));
        Assert.Equal(ErrorCode.InvalidTopic, await engine.CreateTopicAsync(new string('x', 250), 1));
        Assert.Equal(ErrorCode.None, await engine.CreateTopicAsync("app.progress", 1));
        Assert.Equal(ErrorCode.InvalidTopic, await engine.CreateTopicAsync("app_progress", 1));
        Assert.Equal(ErrorCode.InvalidPartitions, await engine.CreateTopicAsync("none", 0));
        Assert.Equal(ErrorCode.InvalidPartitions, await engine.CreateTopicAsync("many", 10_001));
    }

    [Fact]
    public async Task A_creation_that_is_cut_off_anywhere_leaves_all_or_nothing()
    {
        for (int at = 1; ; at++)
        {
            var disk = new CrashDisk();
            bool created = false;
            try
            {
                await using LogEngine engine = await OpenAsync(disk);
                disk.CrashAt = disk.Operations + at;
                created = await engine.CreateTopicAsync("t", 2) == ErrorCode.None;
            }
            catch (Exception crash) when (crash is StorageFailedException or CrashedException)
            {
            }

            foreach (double keep in (double[])[0, 0.5, 1])
            {
                await using LogEngine again = await OpenAsync(disk.AfterPowerCut(new Random(at), keep));
                if (created) Assert.NotNull(again.FindTopic("t"));
                if (again.FindTopic("t") is null) Assert.Equal(ErrorCode.None, await again.CreateTopicAsync("t", 2));
                for (int partition = 0; partition < 2; partition++) Assert.Equal(0, await again.AppendAsync(new("t", partition), "x"));
            }

            if (created) break;
            Assert.InRange(at, 1, 30);
        }
    }

    [Fact]
    public async Task Offsets_of_a_group_are_kept_with_epoch_and_metadata()
    {
        var disk = new CrashDisk();
        await using (LogEngine engine = await WithTopicsAsync(disk))
        {
            Assert.Equal(ErrorCode.None, await engine.CommitOffsetsAsync("g", [new GroupOffset(A0, 5, 3, "first"), new GroupOffset(A1, 6)]));
            Assert.Equal(ErrorCode.None, await engine.CommitOffsetsAsync("g", [new GroupOffset(A0, 7, 4, "second")]));
            Assert.Equal(ErrorCode.UnknownTopicOrPartition, await engine.CommitOffsetsAsync("g", [new GroupOffset(new("none", 0), 1)]));
            Assert.Equal(ErrorCode.InvalidGroupId, await engine.CommitOffsetsAsync("", [new GroupOffset(A0, 1)]));
            Assert.Equal(ErrorCode.OffsetMetadataTooLarge, await engine.CommitOffsetsAsync("g", [new GroupOffset(A0, 1, 0, new string('m', 4097))]));
        }

        await using LogEngine again = await OpenAsync(disk.AfterPowerCut(new Random(1), keepChance: 0));
        Assert.Equal((ErrorCode.None, new GroupOffset(A0, 7, 4, "second")), await again.FindOffsetAsync("g", A0));
        Assert.Equal((ErrorCode.None, new GroupOffset(A1, 6, -1, "")), await again.FindOffsetAsync("g", A1));
        Assert.Equal((ErrorCode.None, null), await again.FindOffsetAsync("g", B0));
        Assert.Equal((ErrorCode.None, null), await again.FindOffsetAsync("other", A0));
    }

    [Fact]
    public async Task The_journal_is_written_anew_when_it_has_grown_and_forgets_nothing()
    {
        var disk = new CrashDisk();
        LogEngine engine = await WithTopicsAsync(disk, journalBytes: 2000);
        Producer producer = await Producer.OpenAsync(engine, "id");
        Producer open = await Producer.OpenAsync(engine, "open");
        Assert.Equal(ErrorCode.None, await open.AddAsync(A1));
        Assert.Equal(ErrorCode.None, (await open.AppendAsync(A1, "pending")).Error);
        for (int i = 0; i < 100; i++)
            Assert.Equal(ErrorCode.None, await producer.CommitAsync([new(A0, producer.Batch(A0, $"{i}"))], "g", [new GroupOffset(B0, i)]));
        Assert.True(disk.ReadAll("journal").Length < 6000);
        disk = disk.AfterPowerCut(new Random(1), keepChance: 0);

        await using LogEngine again = await OpenAsync(disk, journalBytes: 2000);
        Assert.Equal(100, (await Batches.ValuesAsync(again, A0)).Length);
        Assert.Equal(99, (await again.FindOffsetAsync("g", B0)).Offset?.Offset);
        Assert.Equal(1, again.Recovery.TransactionsOpen);
        Assert.Equal(ErrorCode.None, await open.On(again).EndAsync(commit: true));
        Assert.Equal(["pending"], await Batches.ValuesAsync(again, A1));
        Assert.Equal(ErrorCode.None, await producer.On(again).CommitAsync(A0, "100"));
        await engine.BuryAsync();
    }
}
