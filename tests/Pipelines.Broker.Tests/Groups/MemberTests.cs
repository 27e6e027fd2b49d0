using Pipelines.Broker.Groups;
using static Pipelines.Broker.Tests.Groups.GroupHarness;

namespace Pipelines.Broker.Tests.Groups;

public sealed class MemberTests
{
    [Fact]
    public void Followers_wait_for_the_leader_and_get_what_it_gives()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Joined(Request(), Request(), Request());
        Reply<SyncReply> follower = world.Sync(members[1], (members[1].MemberId, "not mine to give"));
        Assert.False(follower.IsThere);
        Assert.Equal(ErrorCode.None, world.Heartbeat(members[1].MemberId, 3));
        Reply<SyncReply> leader = world.Sync(members[0], (members[0].MemberId, "A"), (members[1].MemberId, "B"), ("nobody", "C"));
        Assert.Equal(("A", "B"), (Text(leader.Value.Assignment), Text(follower.Value.Assignment)));
        Assert.Equal(("consumer", "range"), (leader.Value.ProtocolType, leader.Value.Protocol));
        Assert.Equal("", Text(world.Sync(members[2]).Value.Assignment));
        Assert.Equal("B", Text(world.Sync(members[1]).Value.Assignment));
    }

    [Fact]
    public void A_sync_of_somebody_else_is_refused()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Joined(Request(), Request());
        Assert.Equal(ErrorCode.IllegalGeneration, world.Sync(members[0].MemberId, 1).Value.Error);
        Assert.Equal(ErrorCode.UnknownMemberId, world.Sync("nobody", 2).Value.Error);
        Assert.Equal(ErrorCode.UnknownMemberId, world.Sync(members[0].MemberId, 2, "no such name").Value.Error);
        SyncRequest request = new() { GroupId = Name, MemberId = members[0].MemberId, Generation = 2 };
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, world.Sync(request with { ProtocolType = "connect" }).Value.Error);
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, world.Sync(request with { ProtocolType = "consumer", Protocol = "other" }).Value.Error);
        Assert.Equal(ErrorCode.UnknownMemberId, world.Sync(request with { GroupId = "h" }).Value.Error);
        Assert.Equal(ErrorCode.InvalidGroupId, world.Sync(request with { GroupId = "" }).Value.Error);
        Assert.Equal(ErrorCode.None, world.Sync(request with { ProtocolType = "consumer", Protocol = "range" }).Value.Error);
    }

    [Fact]
    public void A_rebalance_ends_the_waiting_for_an_assignment()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Joined(Request(), Request());
        Reply<SyncReply> follower = world.Sync(members[1]);
        Reply<JoinReply> newcomer = world.Join(Request());
        Assert.Equal(ErrorCode.RebalanceInProgress, follower.Value.Error);
        Assert.Equal(ErrorCode.RebalanceInProgress, world.Sync(members[0]).Value.Error);
        Assert.False(newcomer.IsThere);
    }

    [Fact]
    public void Who_never_asks_for_its_share_is_out()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Joined(Request(session: 1000), Request(session: 1000));
        Reply<SyncReply> follower = world.Sync(members[1]);
        world.Pass(60);
        Assert.Equal(ErrorCode.RebalanceInProgress, follower.Value.Error);
        Assert.Equal(ErrorCode.UnknownMemberId, world.Heartbeat(members[0].MemberId, 2));
        JoinReply alone = world.Join(Request(members[1].MemberId, session: 1000)).Value;
        Assert.Equal((3, alone.MemberId), (alone.Generation, alone.Leader));
        world.Settle(alone);
        world.Pass(100);
        Assert.Equal(GroupState.Stable, world.Group.State);
    }

    [Fact]
    public void The_silent_are_out_and_the_others_are_told()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Stable(2);
        world.Pass(9);
        Assert.Equal(ErrorCode.None, world.Heartbeat(members[0].MemberId, 2));
        world.Pass(1);
        Assert.Equal(ErrorCode.RebalanceInProgress, world.Heartbeat(members[0].MemberId, 2));
        Assert.Equal(ErrorCode.UnknownMemberId, world.Heartbeat(members[1].MemberId, 2));
        Assert.Equal(ErrorCode.UnknownMemberId, world.Commit(members[1].MemberId, 2));
        Assert.Equal(3, world.Join(Request(members[0].MemberId)).Value.Generation);
    }

    [Fact]
    public void A_commit_is_a_sign_of_life()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Stable(1);
        for (int i = 0; i < 5; i++)
        {
            world.Pass(9);
            Assert.Equal(ErrorCode.None, world.Commit(members[0].MemberId, 1, isTransactional: i % 2 == 0));
        }

        Assert.Equal(GroupState.Stable, world.Group.State);
    }

    [Fact]
    public void A_heartbeat_of_somebody_else_is_refused()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Stable(2);
        Assert.Equal(ErrorCode.IllegalGeneration, world.Heartbeat(members[0].MemberId, 1));
        Assert.Equal(ErrorCode.UnknownMemberId, world.Heartbeat("nobody", 2));
        Assert.Equal(ErrorCode.UnknownMemberId, world.Coordinator.Heartbeat(new MemberClaim("h", "x", 1)));
        Assert.Equal(ErrorCode.InvalidGroupId, world.Coordinator.Heartbeat(new MemberClaim("", "x", 1)));
    }

    [Fact]
    public void A_newcomer_is_no_member_of_the_generation_that_was_before_it()
    {
        var world = new GroupHarness();
        world.Stable(1);
        Reply<JoinReply> newcomer = world.Join(Request(instance: "i"));
        string id = world.Group.Members.Single(static member => member.InstanceId == "i").MemberId;
        Assert.Equal(ErrorCode.IllegalGeneration, world.Heartbeat(id, 1, "i"));
        Assert.Equal(ErrorCode.IllegalGeneration, world.Commit(id, 1, "i"));
        Assert.False(newcomer.IsThere);
    }

    [Fact]
    public void Leaving_frees_the_share_at_once()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Stable(2);
        Assert.Equal(ErrorCode.None, world.Leave(members[1].MemberId));
        Assert.Equal(ErrorCode.RebalanceInProgress, world.Heartbeat(members[0].MemberId, 2));
        Assert.Equal(ErrorCode.UnknownMemberId, world.Leave(members[1].MemberId));
        Assert.Equal(ErrorCode.None, world.Leave(members[0].MemberId));
        Assert.Equal((GroupState.Empty, 3), (world.Group.State, world.Group.Generation));
        Assert.Equal(4, world.Join(Request()).Value.Generation);
    }

    [Fact]
    public void Each_that_leaves_has_an_answer_of_its_own()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Joined(Request(instance: "a"), Request(instance: "b"), Request());
        world.Settle(members);
        string pending = world.Join(Request(asksFirst: true)).Value.MemberId;
        (ErrorCode error, ErrorCode[] each) = world.Coordinator.Leave(
            Name,
            [new("", "a"), new("wrong", "b"), new("", "c"), new(members[2].MemberId), new("nobody"), new(pending), new(members[1].MemberId, "b")]);
        Assert.Equal(ErrorCode.None, error);
        Assert.Equal(
            [ErrorCode.None, ErrorCode.FencedInstanceId, ErrorCode.UnknownMemberId, ErrorCode.None, ErrorCode.UnknownMemberId, ErrorCode.None, ErrorCode.None],
            each);
        world.SaveAll();
        Assert.Equal(GroupState.Empty, world.Group.State);
        Assert.Equal([ErrorCode.UnknownMemberId], world.Coordinator.Leave("h", [new("x")]).Members);
        Assert.Equal(ErrorCode.InvalidGroupId, world.Coordinator.Leave("", [new("x")]).Error);
    }

    [Fact]
    public void Who_leaves_while_it_waits_is_answered()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Stable(2);
        Reply<JoinReply> waiting = world.Join(Request(members[1].MemberId, metadata: "new"));
        world.Leave(members[1].MemberId);
        Assert.Equal(ErrorCode.UnknownMemberId, waiting.Value.Error);
    }

    [Fact]
    public void Commits_of_members_follow_the_generation()
    {
        var world = new GroupHarness();
        Assert.Equal(ErrorCode.None, world.Commit("", -1));
        Assert.Equal(ErrorCode.IllegalGeneration, world.Commit("m", 1));
        JoinReply[] members = world.Joined(Request(), Request());
        (string leader, string other) = (members[0].MemberId, members[1].MemberId);
        Assert.Equal(ErrorCode.RebalanceInProgress, world.Commit(leader, 2));
        Assert.Equal(ErrorCode.None, world.Commit(leader, 2, isTransactional: true));
        world.Settle(members);
        Assert.Equal(ErrorCode.None, world.Commit(leader, 2));
        Assert.Equal(ErrorCode.IllegalGeneration, world.Commit(leader, 1));
        Assert.Equal(ErrorCode.IllegalGeneration, world.Commit(leader, 1, isTransactional: true));
        Assert.Equal(ErrorCode.IllegalGeneration, world.Commit(leader, -1));
        Assert.Equal(ErrorCode.UnknownMemberId, world.Commit("nobody", 2));
        Assert.Equal(ErrorCode.UnknownMemberId, world.Commit("nobody", 2, isTransactional: true));
        Assert.Equal(ErrorCode.UnknownMemberId, world.Commit("", 2, isTransactional: true));
        // A consumer that is no member has no business in a group with members; a producer that tells no member may have its reasons (before KIP-447).
        Assert.Equal(ErrorCode.UnknownMemberId, world.Commit("", -1));
        Assert.Equal(ErrorCode.None, world.Commit("", -1, isTransactional: true));
        // While the next generation is prepared its partitions are still its own.
        Reply<JoinReply> joining = world.Join(Request(other, metadata: "new"));
        Assert.Equal(ErrorCode.None, world.Commit(leader, 2));
        world.Leave(leader);
        Assert.Equal(3, joining.Value.Generation);
        Assert.Equal(ErrorCode.UnknownMemberId, world.Commit(leader, 2));
        world.Leave(other);
        Assert.Equal(ErrorCode.None, world.Commit("", -1));
        Assert.Equal(ErrorCode.UnknownMemberId, world.Commit(leader, 3));
        Assert.Equal(ErrorCode.InvalidGroupId, world.Coordinator.CheckCommit(new MemberClaim("", "", -1), isTransactional: false));
    }
}
