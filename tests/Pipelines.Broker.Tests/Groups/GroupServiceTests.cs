using Microsoft.Extensions.Time.Testing;
using Pipelines.Broker.Groups;
using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Tests.Support;
using static Pipelines.Broker.Tests.Support.Engines;

namespace Pipelines.Broker.Tests.Groups;

public sealed class GroupServiceTests
{
    private readonly FakeTimeProvider clock = new();
    private readonly GroupOptions options = new() { InitialRebalanceDelay = TimeSpan.Zero };

    private static JoinRequest Request(string group = "g", string memberId = "", string topic = "a") => GroupHarness.Request(memberId) with
    {
        GroupId = group,
        // Version 1, one topic, no user data.
        Protocols = [new GroupProtocol("range", (byte[])[0, 1, 0, 0, 0, 1, 0, (byte)topic.Length, .. GroupHarness.Bytes(topic), 255, 255, 255, 255])],
    };

    private static SyncRequest Sync(JoinReply member, string share = "all") => new()
    {
        GroupId = "g",
        MemberId = member.MemberId,
        Generation = member.Generation,
        Assignments = [new MemberAssignment(member.MemberId, GroupHarness.Bytes(share))],
    };

    private static Task<ErrorCode> CommitAsync(GroupService service, string memberId, int generation, long offset, string group = "g") =>
        service.CommitAsync(new MemberClaim(group, memberId, generation), isTransactional: false, engine => engine.CommitOffsetsAsync(group, [new GroupOffset(A0, offset)]));

    private static async Task<JoinReply> StableAsync(GroupService service)
    {
        JoinReply member = await service.JoinAsync(Request());
        Assert.Equal(ErrorCode.None, (await service.SyncAsync(Sync(member))).Error);
        return member;
    }

    [Fact]
    public async Task A_group_goes_on_after_a_power_cut()
    {
        var disk = new CrashDisk();
        LogEngine engine = await WithTopicsAsync(disk, clock);
        using GroupService service = await GroupService.OpenAsync(engine, options);
        JoinReply member = await StableAsync(service);
        Assert.Equal(ErrorCode.None, await CommitAsync(service, member.MemberId, 1, 7));
        disk = disk.AfterPowerCut(new Random(1), keepChance: 0);
        await engine.BuryAsync();

        await using LogEngine again = await OpenAsync(disk, clock);
        using GroupService next = await GroupService.OpenAsync(again, options);
        Assert.Equal(ErrorCode.None, next.Heartbeat(new MemberClaim("g", member.MemberId, 1)));
        Assert.Equal("all", GroupHarness.Text((await next.SyncAsync(Sync(member, "other"))).Assignment));
        Assert.Equal(ErrorCode.None, await CommitAsync(next, member.MemberId, 1, 8));
        Assert.Equal(8, (await again.FindOffsetAsync("g", A0)).Offset?.Offset);
        GroupDescription group = await next.DescribeAsync("g");
        Assert.Equal((GroupState.Stable, "consumer", "range", 1), (group.State, group.ProtocolType, group.Protocol, group.Generation));
        MemberDescription found = Assert.Single(group.Members);
        Assert.Equal((member.MemberId, "client", "/127.0.0.1", "all"), (found.MemberId, found.ClientId, found.ClientHost, GroupHarness.Text(found.Assignment)));
        Assert.Equal(Request().Protocols[0].Metadata.ToArray(), found.Metadata.ToArray());
    }

    [Fact]
    public async Task Sessions_end_with_the_clock()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk(), clock);
        using GroupService service = await GroupService.OpenAsync(engine, options);
        JoinReply one = await StableAsync(service);
        Task<JoinReply> other = service.JoinAsync(Request());
        clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal(ErrorCode.RebalanceInProgress, service.Heartbeat(new MemberClaim("g", one.MemberId, 1)));
        clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(other.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(0.2));
        JoinReply joined = await other;
        Assert.Equal((2, joined.MemberId), (joined.Generation, joined.Leader));
        Assert.Equal(ErrorCode.UnknownMemberId, await CommitAsync(service, one.MemberId, 1, 7));
        Assert.Null((await engine.FindOffsetAsync("g", A0)).Offset);
    }

    [Fact]
    public async Task Groups_are_listed_described_and_deleted_with_their_offsets()
    {
        var disk = new CrashDisk();
        LogEngine engine = await WithTopicsAsync(disk, clock);
        using GroupService service = await GroupService.OpenAsync(engine, options);
        JoinReply member = await StableAsync(service);
        Assert.Equal(ErrorCode.None, await CommitAsync(service, member.MemberId, 1, 7));
        Assert.Equal(ErrorCode.None, await CommitAsync(service, "", -1, 3, "alone"));
        Assert.Equal([new GroupListing("alone", "", GroupState.Empty), new GroupListing("g", "consumer", GroupState.Stable)], await service.ListAsync());
        Assert.Equal((ErrorCode.None, GroupState.Empty), ((await service.DescribeAsync("alone")).Error, (await service.DescribeAsync("alone")).State));
        Assert.Equal((ErrorCode.GroupIdNotFound, GroupState.Dead), ((await service.DescribeAsync("none")).Error, (await service.DescribeAsync("none")).State));

        Assert.Equal(ErrorCode.GroupIdNotFound, await service.DeleteAsync("none"));
        Assert.Equal(ErrorCode.InvalidGroupId, await service.DeleteAsync(""));
        Assert.Equal(ErrorCode.NonEmptyGroup, await service.DeleteAsync("g"));
        Assert.Equal(ErrorCode.None, await service.DeleteAsync("alone"));
        Assert.Equal([ErrorCode.None], service.Leave("g", [new LeavingMember(member.MemberId)]).Members);
        Assert.Equal(ErrorCode.None, await service.DeleteAsync("g"));
        Assert.Empty(await service.ListAsync());
        Assert.Null((await engine.FindOffsetAsync("g", A0)).Offset);
        disk = disk.AfterPowerCut(new Random(1), keepChance: 0);
        await engine.BuryAsync();

        await using LogEngine again = await OpenAsync(disk, clock);
        using GroupService next = await GroupService.OpenAsync(again, options);
        Assert.Empty(await next.ListAsync());
        Assert.Null((await again.FindOffsetAsync("alone", A0)).Offset);
    }

    [Fact]
    public async Task Offsets_of_topics_that_nobody_reads_are_deleted()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk(), clock);
        using GroupService service = await GroupService.OpenAsync(engine, options);
        JoinReply member = await StableAsync(service);
        await service.CommitAsync(new MemberClaim("g", member.MemberId, 1), isTransactional: false, log => log.CommitOffsetsAsync("g", [new GroupOffset(A0, 1), new GroupOffset(B0, 2)]));
        (ErrorCode error, IReadOnlyList<ErrorCode> each) = await service.DeleteOffsetsAsync("g", [A0, B0, new TopicPartition("none", 0)]);
        Assert.Equal(ErrorCode.None, error);
        Assert.Equal([ErrorCode.GroupSubscribedToTopic, ErrorCode.None, ErrorCode.UnknownTopicOrPartition], each);
        Assert.Equal((1L, null), ((await engine.FindOffsetAsync("g", A0)).Offset?.Offset, (await engine.FindOffsetAsync("g", B0)).Offset));
        Assert.Equal(ErrorCode.GroupIdNotFound, (await service.DeleteOffsetsAsync("none", [A0])).Error);

        await service.JoinAsync(Request("workers") with { ProtocolType = "connect" });
        Assert.Equal(ErrorCode.NonEmptyGroup, (await service.DeleteOffsetsAsync("workers", [A0])).Error);
    }

    [Fact]
    public async Task The_journal_is_written_anew_with_its_groups()
    {
        var disk = new CrashDisk();
        JoinReply member;
        await using (LogEngine engine = await WithTopicsAsync(disk, clock, journalBytes: 2000))
        {
            using GroupService service = await GroupService.OpenAsync(engine, options);
            member = await StableAsync(service);
            for (int i = 0; i < 200; i++) Assert.Equal(ErrorCode.None, await CommitAsync(service, member.MemberId, 1, i));
            Assert.True(disk.Open("journal", create: false).Length < 6000);
        }

        await using LogEngine again = await OpenAsync(disk, clock);
        using GroupService next = await GroupService.OpenAsync(again, options);
        Assert.Equal(ErrorCode.None, next.Heartbeat(new MemberClaim("g", member.MemberId, 1)));
    }

    [Fact]
    public async Task Empty_groups_without_offsets_are_forgotten()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk(), clock);
        using GroupService service = await GroupService.OpenAsync(engine, options);
        JoinReply member = await StableAsync(service);
        JoinReply other = await service.JoinAsync(Request("h"));
        Assert.Equal(ErrorCode.None, await CommitAsync(service, member.MemberId, 1, 7));
        service.Leave("g", [new LeavingMember(member.MemberId)]);
        await service.CleanUpAsync();
        Assert.Equal(["g", "h"], (await service.ListAsync()).Select(static group => group.GroupId));
        service.Leave("h", [new LeavingMember(other.MemberId)]);
        await service.CleanUpAsync();
        Assert.Equal(["g"], (await service.ListAsync()).Select(static group => group.GroupId));
        Assert.Equal("g", Assert.Single(await engine.FindSavedGroupsAsync()).GroupId);
        Assert.Equal(7, (await engine.FindOffsetAsync("g", A0)).Offset?.Offset);
    }

    [Fact]
    public async Task Closing_and_failing_answer_everybody()
    {
        LogEngine engine = await WithTopicsAsync(new CrashDisk(), clock);
        GroupService service = await GroupService.OpenAsync(engine, options);
        JoinReply member = await StableAsync(service);
        Task<JoinReply> waiting = service.JoinAsync(Request());
        service.Dispose();
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await waiting).Error);
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await service.JoinAsync(Request())).Error);
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, service.Heartbeat(new MemberClaim("g", member.MemberId, 1)));
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, await CommitAsync(service, member.MemberId, 1, 7));

        using GroupService next = await GroupService.OpenAsync(engine, options);
        await engine.DisposeAsync();
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await next.JoinAsync(Request("h"))).Error);
    }

    [Fact]
    public async Task Members_of_many_groups_do_not_wait_for_each_other()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk(), clock);
        using GroupService service = await GroupService.OpenAsync(engine, options);
        JoinReply[] members = await Task.WhenAll(Enumerable.Range(0, 200).Select(number => Task.Run(() => service.JoinAsync(Request($"g{number}")))));
        Assert.All(members, static member => Assert.Equal((ErrorCode.None, 1), (member.Error, member.Generation)));
        Assert.Equal(200, (await service.ListAsync()).Count);
    }
}
