namespace Pipelines.Cli.Tests;

public sealed class UsageTests
{
    [Theory]
    [InlineData("topics crate", "pipelines topics: 'crate' is not known here.")]
    [InlineData("topics describe", "pipelines topics describe: ")]
    [InlineData("topics list --bootstrap nonsense", "'nonsense' is no address of a broker. Write HOST:PORT")]
    [InlineData("consume t --from yesterday", "'yesterday' is no position in a log. Write earliest, latest")]
    [InlineData("consume t --format {nothing}", "A record has no 'nothing'.")]
    [InlineData("topics create t --set x", "'x' is not NAME=VALUE.")]
    [InlineData("topics create t --partitions 0", "A topic cannot have 0 partitions.")]
    [InlineData("offsets reset --group g --topic t", "either --to POSITION or --shift N")]
    [InlineData("offsets set --group g t=5", "Write TOPIC:N=OFFSET")]
    [InlineData("transactions abort", "either a transactional id or --partition TOPIC:N")]
    [InlineData("transactions list --older-than soon", "'soon' is no duration.")]
    public async Task What_cannot_be_understood_ends_with_2_and_says_what_to_write(string line, string expected)
    {
        await using Tool tool = await Tool.StartAsync();
        Outcome outcome = await tool.RunAsync(line);
        Assert.Equal(ExitCodes.Usage, outcome.Code);
        Assert.Contains(expected, outcome.Error);
        Assert.Empty(outcome.Out);
    }

    [Fact]
    public async Task Nobody_listens_is_one_line_that_ends_with_1()
    {
        await using Tool tool = await Tool.StartAsync();
        Outcome outcome = await tool.RunAsync("topics list --bootstrap localhost:1");
        Assert.Equal(ExitCodes.Failed, outcome.Code);
        Assert.StartsWith("pipelines topics list: No connection to broker localhost:1: ", outcome.Error);
        Assert.Single(outcome.Error.Trim().Split('\n'));
    }

    [Theory]
    [InlineData("topics create")]
    [InlineData("topics alter")]
    [InlineData("topics trim")]
    [InlineData("groups describe")]
    [InlineData("offsets reset")]
    [InlineData("transactions abort")]
    [InlineData("produce")]
    [InlineData("consume")]
    [InlineData("cluster")]
    public async Task Help_ends_with_examples(string command)
    {
        await using Tool tool = await Tool.StartAsync();
        Outcome outcome = await tool.RunAsync(command + " --help");
        Assert.Equal(ExitCodes.Done, outcome.Code);
        Assert.Contains($"  pipelines {command}", outcome.Out);
        Assert.Contains("Examples:", outcome.Out);
    }

    [Fact]
    public async Task Cluster_shows_the_broker()
    {
        await using Tool tool = await Tool.StartAsync();
        var broker = Assert.Single(await tool.JsonAsync("cluster"));
        Assert.Equal(tool.Broker.Address.Port, (int)broker["port"]!);
        Assert.True((bool)broker["controller"]!);
    }
}
