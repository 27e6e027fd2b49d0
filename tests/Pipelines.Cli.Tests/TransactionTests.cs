using System.Text.Json.Nodes;

namespace Pipelines.Cli.Tests;

public sealed class TransactionTests
{
    [Fact]
    public async Task An_open_transaction_is_found_by_its_age_and_aborted()
    {
        await using Tool tool = await Tool.StartAsync();
        await tool.LinesAsync("topics create ticks --partitions 2");
        await tool.LinesAsync("produce ticks --transactional-id done --partition 1", "a\n");
        var input = new SlowReader("x");
        Task<Outcome> producing = tool.RunAsync(["produce", "ticks", "--transactional-id", "slow", "--partition", "0"], input);
        await tool.UntilAsync("topics describe ticks", static lines => (long)lines[0]["end"]! == 1);

        JsonNode open = Assert.Single(await tool.JsonAsync("transactions list"));
        Assert.Equal(("slow", "Ongoing", "ticks:0"), ((string)open["transactionalId"]!, (string)open["state"]!, (string)open["partitions"]![0]!));
        Assert.Equal(2, (await tool.JsonAsync("transactions list --all")).Length);
        Assert.Empty(await tool.JsonAsync("transactions list --older-than 5m"));
        Assert.Single(await tool.JsonAsync("transactions list --older-than 1ms"));
        Assert.Empty(await tool.JsonAsync("transactions list --hanging"));
        JsonNode hanging = Assert.Single(await tool.JsonAsync("transactions list --hanging --older-than 1ms"));
        Assert.Equal(("ticks", 0, "slow", 0L), ((string)hanging["topic"]!, (int)hanging["partition"]!, (string)hanging["owner"]!, (long)hanging["start"]!));
        Assert.Equal((long)open["producerId"]!, (long)Assert.Single(await tool.JsonAsync("transactions describe slow"))["producerId"]!);

        Assert.Equal("aborted", (string)Assert.Single(await tool.JsonAsync("transactions abort --partition ticks:0"))["result"]!);
        Assert.Empty(await tool.JsonAsync("transactions list"));
        Assert.Equal([1L, 2], (await tool.JsonAsync("topics describe ticks")).Select(static row => (long)row["stable"]!).Select(static (stable, i) => stable > 0 ? i + 1L : 0));
        input.End();
        Assert.Equal(ExitCodes.Failed, (await producing).Code);
    }

    [Theory]
    [InlineData("abort nobody", "There is no transactional id 'nobody'")]
    [InlineData("describe nobody", "There is no transactional id 'nobody'")]
    [InlineData("abort done", "'done' has no open transaction (it is CompleteCommit); there is nothing to abort.")]
    [InlineData("abort --partition ticks:0", "No such transaction is open in ticks:0")]
    [InlineData("abort --partition ticks:7", "Topic 'ticks' has no partition 7")]
    public async Task What_is_not_open_cannot_be_aborted(string line, string expected)
    {
        await using Tool tool = await Tool.StartAsync();
        await tool.LinesAsync("topics create ticks");
        await tool.LinesAsync("produce ticks --transactional-id done", "a\n");
        Outcome outcome = await tool.RunAsync("transactions " + line);
        Assert.Equal(ExitCodes.Failed, outcome.Code);
        Assert.Contains(expected, outcome.Error);
    }
}
