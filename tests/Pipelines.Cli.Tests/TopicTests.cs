namespace Pipelines.Cli.Tests;

public sealed class TopicTests
{
    [Fact]
    public async Task A_topic_is_created_listed_and_described()
    {
        await using Tool tool = await Tool.StartAsync();
        Assert.Equal(["Created topic 'ticks' with 3 partitions."], await tool.LinesAsync("topics create ticks --partitions 3 --set cleanup.policy=compact"));
        var listed = Assert.Single(await tool.JsonAsync("topics list"));
        Assert.Equal(("ticks", 3), ((string)listed["topic"]!, (int)listed["partitions"]!));
        await tool.LinesAsync("produce ticks --partition 2 --key-separator :", "a:1\nb:2\n");
        Assert.Contains("a compacted topic takes only records with a key", (await tool.RunAsync("produce ticks", "no key\n")).Error);
        var described = await tool.JsonAsync("topics describe ticks");
        Assert.Equal([0L, 0, 2], described.Select(static one => (long)one["end"]!));
        Assert.Equal([0L, 0, 2], described.Select(static one => (long)one["stable"]!));
        Assert.True((long)described[2]["sizeBytes"]! > 61);
        Assert.Contains(await tool.JsonAsync("topics describe ticks --settings"), static setting => (string)setting["setting"]! == "cleanup.policy" && (string)setting["value"]! == "compact");
    }

    [Fact]
    public async Task A_table_has_aligned_columns()
    {
        await using Tool tool = await Tool.StartAsync();
        await tool.LinesAsync("topics create a-long-name --partitions 12");
        await tool.LinesAsync("topics create b");
        string[] lines = await tool.LinesAsync("topics list");
        Assert.Equal(
            ["TOPIC        PARTITIONS  REPLICAS  INTERNAL", "a-long-name          12         1  no", "b                     1         1  no"], lines);
    }

    [Fact]
    public async Task What_exists_is_refused_or_left_alone()
    {
        await using Tool tool = await Tool.StartAsync();
        await tool.LinesAsync("topics create ticks");
        Outcome again = await tool.RunAsync("topics create ticks");
        Assert.Equal(ExitCodes.Failed, again.Code);
        Assert.Contains("it exists already", again.Error);
        Assert.Equal("exists", (string)Assert.Single(await tool.JsonAsync("topics create ticks --if-absent"))["result"]!);
    }

    [Fact]
    public async Task A_topic_grows_and_its_settings_change()
    {
        await using Tool tool = await Tool.StartAsync();
        await tool.LinesAsync("topics create ticks");
        await tool.LinesAsync("topics alter ticks --partitions 4 --set retention.ms=1000");
        Assert.Equal(4, (await tool.JsonAsync("topics describe ticks")).Length);
        Assert.Equal("1000", await RetentionAsync(tool));
        await tool.LinesAsync("topics alter ticks --unset retention.ms");
        Assert.NotEqual("1000", await RetentionAsync(tool));
        Assert.Equal(ExitCodes.Failed, (await tool.RunAsync("topics alter ticks --partitions 2")).Code);
    }

    [Fact]
    public async Task Records_before_a_position_are_trimmed_but_not_by_a_dry_run()
    {
        await using Tool tool = await Tool.StartAsync();
        await tool.LinesAsync("topics create ticks");
        await tool.LinesAsync("produce ticks", "a\nb\nc\n");
        await tool.LinesAsync("topics trim ticks --before 2 --dry-run");
        Assert.Equal(["a", "b", "c"], await tool.LinesAsync(@"consume ticks --exit --format {value}\n"));
        var trimmed = Assert.Single(await tool.JsonAsync("topics delete-records ticks:0 --before 2"));
        Assert.Equal((2L, 2L), ((long)trimmed["newStart"]!, (long)trimmed["deleted"]!));
        Assert.Equal(["c"], await tool.LinesAsync(@"consume ticks --exit --format {value}\n"));
    }

    [Fact]
    public async Task A_deleted_topic_is_gone()
    {
        await using Tool tool = await Tool.StartAsync();
        await tool.LinesAsync("topics create ticks");
        Assert.Equal(["Deleted topic 'ticks'."], await tool.LinesAsync("topics delete ticks"));
        Assert.Equal(["There are no topics."], await tool.LinesAsync("topics list"));
        Outcome missing = await tool.RunAsync("topics describe ticks");
        Assert.Equal(ExitCodes.Failed, missing.Code);
        Assert.Equal("pipelines topics describe: There is no topic 'ticks'. See 'pipelines topics list', or make it with 'pipelines topics create ticks'.\n", missing.Error);
    }

    private static async Task<string?> RetentionAsync(Tool tool) =>
        (string?)(await tool.JsonAsync("topics describe ticks --settings")).Single(static setting => (string)setting["setting"]! == "retention.ms")["value"];
}
