using System.Globalization;
using System.Text.Json.Nodes;
using Pipelines.Protocol.Records;

namespace Pipelines.Cli.Tests;

public sealed class RecordTests
{
    [Fact]
    public async Task Records_come_back_with_keys_headers_and_nulls()
    {
        await using Tool tool = await Tool.StartAsync();
        await tool.LinesAsync("topics create ticks");
        await tool.LinesAsync("produce ticks --key-separator : --header source=test --null -", "a:1\nb:x:y\nc:-\n");
        JsonNode[] records = await tool.JsonAsync("consume ticks --exit");
        Assert.Equal(["a", "b", "c"], records.Select(static record => (string?)record["key"]));
        Assert.Equal(["1", "x:y", null], records.Select(static record => (string?)record["value"]));
        Assert.All(records, static record => Assert.Equal("test", (string?)record["headers"]![0]!["value"]));
        Assert.Equal([0L, 1, 2], records.Select(static record => (long)record["offset"]!));
        Assert.Equal(["a\t1", "b\tx:y", "c\t"], await tool.LinesAsync("consume ticks --exit"));
    }

    [Fact]
    public async Task The_key_decides_the_partition_as_in_other_clients()
    {
        await using Tool tool = await Tool.StartAsync();
        await tool.LinesAsync("topics create ticks --partitions 7");
        await tool.LinesAsync("produce ticks --key-separator :", "21:v\nfoobar:v\nabc:v\n");
        JsonNode[] records = await tool.JsonAsync("consume ticks --exit");
        // The published hashes of these keys by murmur2, without their signs.
        var expected = new Dictionary<string, int> { ["21"] = (-973932308 & int.MaxValue) % 7, ["foobar"] = (-790332482 & int.MaxValue) % 7, ["abc"] = 479470107 % 7 };
        Assert.Equal(expected, records.ToDictionary(static record => (string)record["key"]!, static record => (int)record["partition"]!));
    }

    [Fact]
    public async Task Many_records_arrive_once_and_in_order()
    {
        await using Tool tool = await Tool.StartAsync();
        await tool.LinesAsync("topics create ticks");
        string padding = new('x', 200);
        string[] sent = [.. Enumerable.Range(0, 20_000).Select(i => i.ToString(CultureInfo.InvariantCulture) + padding)];
        await tool.LinesAsync("produce ticks", string.Join('\n', sent));
        Assert.Equal(sent, await tool.LinesAsync(@"consume ticks --exit --format {value}\n"));
    }

    [Fact]
    public async Task Reading_begins_and_ends_where_it_is_told_to()
    {
        await using Tool tool = await Tool.StartAsync();
        await tool.LinesAsync("topics create ticks --partitions 2");
        await tool.LinesAsync("produce ticks --partition 0", "a\nb\nc\nd\n");
        await tool.LinesAsync("produce ticks --partition 1", "other\n");
        Assert.Equal(["b", "c"], await tool.LinesAsync(@"consume ticks --partition 0 --from 1 --max 2 --format {value}\n"));
        Assert.Empty(await tool.LinesAsync("consume ticks --from latest --exit"));
        Assert.Equal(5, (await tool.LinesAsync("consume ticks --from 1h --exit")).Length);
        Assert.Empty(await tool.LinesAsync("consume ticks --from 2100-01-01T00:00:00Z --exit"));
        Outcome missing = await tool.RunAsync("consume ticks --partition 5");
        Assert.Equal((ExitCodes.Failed, true), (missing.Code, missing.Error.Contains("has no partition 5")));
    }

    [Fact]
    public async Task A_group_goes_on_where_it_stopped()
    {
        await using Tool tool = await Tool.StartAsync();
        await tool.LinesAsync("topics create ticks");
        await tool.LinesAsync("produce ticks", "a\nb\nc\n");
        Assert.Equal(["a", "b"], await tool.LinesAsync(@"consume ticks --group g --max 2 --format {value}\n"));
        Assert.Equal(["c"], await tool.LinesAsync(@"consume ticks --group g --exit --format {value}\n"));
        Assert.Empty(await tool.LinesAsync("consume ticks --group g --exit"));
    }

    [Fact]
    public async Task A_transaction_is_seen_as_a_whole_or_not_at_all()
    {
        await using Tool tool = await Tool.StartAsync();
        await tool.LinesAsync("topics create ticks --partitions 2");
        await tool.LinesAsync("produce ticks --transactional-id import", "a\nb\nc\n");
        Outcome broken = await tool.RunAsync("produce ticks --transactional-id import --key-separator :", "k:1\nk:2\nno key\n");
        Assert.Equal(ExitCodes.Failed, broken.Code);
        Assert.Contains("Line 3 has no key", broken.Error);
        await tool.LinesAsync("produce ticks", "d\n");
        Assert.Equal(["a", "b", "c", "d"], (await tool.LinesAsync(@"consume ticks --exit --format {value}\n")).Order());
        Assert.Equal(ExitCodes.Done, (await tool.RunAsync("consume ticks --exit --uncommitted")).Code);
    }

    [Fact]
    public async Task Aborted_records_are_left_out_and_shown_on_demand()
    {
        await using Tool tool = await Tool.StartAsync();
        await tool.LinesAsync("topics create ticks");
        var input = new SlowReader("x", "y");
        Task<Outcome> producing = tool.RunAsync(["produce", "ticks", "--transactional-id", "slow"], input);
        await tool.UntilAsync("topics describe ticks", static lines => (long)lines[0]["end"]! == 2);
        await tool.LinesAsync("produce ticks", "z\n");
        Assert.Empty(await tool.LinesAsync("consume ticks --exit"));
        await tool.LinesAsync("transactions abort slow");
        input.End();
        Outcome produced = await producing;
        Assert.Equal(ExitCodes.Failed, produced.Code);
        Assert.Contains("another producer with the same transactional id took over", produced.Error);
        Assert.Equal(["z"], await tool.LinesAsync(@"consume ticks --exit --format {value}\n"));
        Assert.Equal(["x", "y", "z"], await tool.LinesAsync(@"consume ticks --exit --uncommitted --format {value}\n"));
    }

    [Fact]
    public async Task Interrupting_a_consumer_is_no_failure_and_a_transaction_is_aborted()
    {
        await using Tool tool = await Tool.StartAsync();
        await tool.LinesAsync("topics create ticks");
        await tool.LinesAsync("produce ticks", "a\n");
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        Outcome consumed = await tool.RunAsync("consume ticks", cancellation: stop.Token);
        Assert.Equal((ExitCodes.Done, "\ta\n"), (consumed.Code, consumed.Out));

        using var stopProducer = new CancellationTokenSource();
        Task<Outcome> producing = tool.RunAsync(["produce", "ticks", "--transactional-id", "slow"], new SlowReader("x"), stopProducer.Token);
        await tool.UntilAsync("topics describe ticks", static lines => (long)lines[0]["end"]! == 2);
        await stopProducer.CancelAsync();
        Outcome produced = await producing;
        Assert.Equal(ExitCodes.Failed, produced.Code);
        Assert.Contains("the transaction was aborted", produced.Error);
        Assert.Equal(["a"], await tool.LinesAsync(@"consume ticks --exit --format {value}\n"));
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_base64()
    {
        await using Tool tool = await Tool.StartAsync();
        await tool.LinesAsync("topics create ticks");
        var batch = new RecordBatchWriter();
        batch.Add(1000, [0xFF], [0xFE, 0x00]);
        await tool.Broker.Engine.AppendAsync(new("ticks", 0), batch.Complete(BatchProducer.None));
        JsonNode record = Assert.Single(await tool.JsonAsync("consume ticks --exit"));
        Assert.Equal(("/w==", "/gA=", 1000L), ((string)record["keyBase64"]!, (string)record["valueBase64"]!, (long)record["timestamp"]!));
        Assert.Null(record["key"]);
    }
}
