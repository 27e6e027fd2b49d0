using System.Text.Json.Nodes;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Wire;

namespace Pipelines.Cli.Tests;

public sealed class GroupTests
{
    [Fact]
    public async Task Offsets_are_set_moved_and_deleted()
    {
        await using Tool tool = await PrepareAsync();
        await tool.LinesAsync("offsets set --group g ticks:0=2 ticks:1=1");
        Assert.Equal([2L, 1], Offsets(await tool.JsonAsync("offsets get --group g"), "committed"));
        Assert.Equal([2L, 1], Offsets(await tool.JsonAsync("offsets get --group g"), "lag"));
        Assert.Equal([0L, 0], Offsets(await tool.JsonAsync("offsets reset --group g --to earliest --dry-run"), "after"));
        Assert.Equal([2L, 1], Offsets(await tool.JsonAsync("offsets get --group g"), "committed"));
        Assert.Equal([4L, 1], Offsets(await tool.JsonAsync("offsets reset --group g --topic ticks:0 --to latest").ContinueWith(async _ => await tool.JsonAsync("offsets get --group g")).Unwrap(), "committed"));
        Assert.Equal([1L, 0], Offsets(await tool.JsonAsync("offsets reset --group g --shift -3"), "after"));
        Assert.Equal([3L], Offsets(await tool.JsonAsync("offsets reset --group g --topic ticks:0 --to 3"), "after"));
        Assert.Equal([0L, 0], Offsets(await tool.JsonAsync("offsets reset --group g --to 1h"), "after"));
        await tool.LinesAsync("offsets delete --group g --topic ticks:1");
        Assert.Single(await tool.JsonAsync("offsets get --group g"));
        Assert.Contains("has offsets 0 to 4, not 5", (await tool.RunAsync("offsets set --group g ticks:0=5")).Error);
    }

    [Fact]
    public async Task A_group_is_listed_described_and_deleted()
    {
        await using Tool tool = await PrepareAsync();
        await tool.LinesAsync("offsets set --group g ticks:0=1");
        Assert.Equal(("g", "Empty"), ((string)Assert.Single(await tool.JsonAsync("groups list"))["group"]!, (string)(await tool.JsonAsync("groups list"))[0]["state"]!));
        JsonNode row = Assert.Single(await tool.JsonAsync("groups describe g"));
        Assert.Equal((1L, 4L, 3L), ((long)row["committed"]!, (long)row["end"]!, (long)row["lag"]!));
        await tool.LinesAsync("groups delete g");
        Assert.Equal(["There are no groups."], await tool.LinesAsync("groups list"));
        Assert.Equal(ExitCodes.Failed, (await tool.RunAsync("groups describe g")).Code);
        Assert.Contains("there is no such group", (await tool.RunAsync("groups delete g")).Error);
    }

    [Fact]
    public async Task A_group_with_members_shows_them_and_keeps_its_offsets()
    {
        await using Tool tool = await PrepareAsync();
        await tool.LinesAsync("offsets set --group g ticks:0=1");
        await using BrokerConnection member = await BrokerConnection.ConnectAsync(tool.Broker.Address.Host, tool.Broker.Address.Port);
        await JoinAsync(member);
        JsonNode[] rows = await tool.JsonAsync("groups describe g");
        Assert.All(rows, static row => Assert.Equal("Stable", (string)row["state"]!));
        Assert.Equal(["ticks:0", "ticks:1"], rows.Select(static row => $"{row["topic"]}:{row["partition"]}"));
        Assert.All(rows, static row => Assert.Equal("pipelines", (string)row["client"]!));
        foreach (string line in (string[])["offsets reset --group g --to earliest", "offsets set --group g ticks:0=0", "consume ticks --group g --exit"])
        {
            Outcome refused = await tool.RunAsync(line);
            Assert.Equal(ExitCodes.Failed, refused.Code);
            Assert.Contains("Group 'g' is Stable with 1 member, who decide about its offsets. Stop them first", refused.Error);
        }

        Assert.Contains("the group has members; stop them first", (await tool.RunAsync("groups delete g")).Error);
        Assert.Contains("the group reads the topic now", (await tool.RunAsync("offsets delete --group g --topic ticks")).Error);
    }

    private static async Task<Tool> PrepareAsync()
    {
        Tool tool = await Tool.StartAsync();
        await tool.LinesAsync("topics create ticks --partitions 2");
        await tool.LinesAsync("produce ticks --partition 0", "a\nb\nc\nd\n");
        await tool.LinesAsync("produce ticks --partition 1", "e\nf\n");
        return tool;
    }

    private static IEnumerable<long> Offsets(JsonNode[] rows, string name) => rows.Select(row => (long)row[name]!);

    private static async Task JoinAsync(BrokerConnection member)
    {
        JoinGroupRequest join = new()
        {
            GroupId = "g", SessionTimeoutMs = 30_000, RebalanceTimeoutMs = 30_000, MemberId = "", ProtocolType = "consumer",
            Protocols = [new() { Name = "range", Metadata = Bytes(new ConsumerProtocolSubscription { Topics = ["ticks"] }) }],
        };
        JoinGroupResponse joined = await member.SendAsync(join);
        join.MemberId = joined.MemberId;
        if (joined.ErrorCode != 0) joined = await member.SendAsync(join);
        Assert.Equal(0, joined.ErrorCode);
        SyncGroupResponse synced = await member.SendAsync(new SyncGroupRequest
        {
            GroupId = "g", GenerationId = joined.GenerationId, MemberId = joined.MemberId, ProtocolType = "consumer", ProtocolName = "range",
            Assignments = [new() { MemberId = joined.MemberId, Assignment = Bytes(new ConsumerProtocolAssignment { AssignedPartitions = [new() { Topic = "ticks", Partitions = [0, 1] }] }) }],
        });
        Assert.Equal(0, synced.ErrorCode);
    }

    private static ReadOnlyMemory<byte> Bytes(IMessage message)
    {
        var writer = new MessageWriter();
        writer.WriteInt16(0);
        message.Write(writer, 0);
        return writer.Written.ToArray();
    }
}
