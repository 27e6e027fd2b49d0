using Pipelines.Broker.Groups;
using static Pipelines.Broker.Tests.Groups.GroupHarness;

namespace Pipelines.Broker.Tests.Groups;

public sealed class RestartTests
{
    [Fact]
    public void Members_go_on_after_a_restart()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Stable(2);
        world.Pass(9);
        world.Restart();
        world.Pass(9);
        Assert.All(members, member => Assert.Equal(ErrorCode.None, world.Heartbeat(member.MemberId, 2)));
        Assert.All(members, member => Assert.Equal(ErrorCode.None, world.Commit(member.MemberId, 2)));
        Assert.Equal("share 1", Text(world.Sync(members[1]).Value.Assignment));
        Assert.Equal(2, world.Join(Request(members[1].MemberId)).Value.Generation);
        Assert.Equal(GroupState.Stable, world.Group.State);
        world.Pass(10);
        Assert.Equal(GroupState.Empty, world.Group.State);
    }

    [Fact]
    public void A_generation_is_durable_before_it_is_told()
    {
        var world = new GroupHarness { HoldsSaves = true };
        Reply<JoinReply> reply = world.Join(Request());
        Assert.False(reply.IsThere);
        Assert.Empty(world.Saved);
        Assert.True(world.SaveNext());
        Assert.Equal((1, 1), (reply.Value.Generation, world.Saved[Name].Generation));
    }

    [Fact]
    public void A_generation_that_was_told_is_not_begun_again()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Joined(Request(), Request());
        world.Restart();
        // The members may go on with it, and when they do not the next has another number.
        Assert.Equal(GroupState.CompletingRebalance, world.Group.State);
        Reply<JoinReply> changed = world.Join(Request(members[1].MemberId, metadata: "new"));
        world.Join(Request(members[0].MemberId));
        Assert.Equal(3, changed.Value.Generation);
    }

    [Fact]
    public void A_generation_without_assignment_can_be_assigned_after_a_restart()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Joined(Request(), Request());
        world.Restart();
        world.Settle(members);
        Assert.Equal("share 1", Text(world.Sync(members[1]).Value.Assignment));
    }

    [Fact]
    public void After_a_restart_who_never_asks_for_its_share_is_out()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Joined(Request(session: 1000), Request(session: 1000));
        world.Restart();
        Reply<SyncReply> follower = world.Sync(members[1]);
        world.Pass(60);
        Assert.Equal(ErrorCode.RebalanceInProgress, follower.Value.Error);
        Assert.Equal(ErrorCode.UnknownMemberId, world.Heartbeat(members[0].MemberId, 2));
    }

    [Fact]
    public void An_assignment_is_durable_before_it_is_told_and_only_one_is_taken()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Joined(Request(), Request());
        world.HoldsSaves = true;
        Reply<SyncReply> follower = world.Sync(members[1]);
        Reply<SyncReply> first = world.Sync(members[0], (members[1].MemberId, "first"));
        Reply<SyncReply> second = world.Sync(members[0], (members[1].MemberId, "second"));
        Assert.Equal(ErrorCode.RebalanceInProgress, first.Value.Error);
        Assert.False(follower.IsThere);
        Assert.Equal(1, world.Waiting);
        world.SaveNext();
        Assert.Equal("first", Text(follower.Value.Assignment));
        Assert.True(second.IsThere);
        world.Restart();
        Assert.Equal("first", Text(world.Sync(members[1]).Value.Assignment));
    }

    [Fact]
    public void A_generation_that_is_over_before_it_is_durable_is_never_told()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Stable(1);
        world.HoldsSaves = true;
        Reply<JoinReply> leader = world.Join(Request(members[0].MemberId));
        Reply<JoinReply> newcomer = world.Join(Request());
        // Both take part in what follows, without having heard of generation 2.
        Assert.Equal((3, 2), (world.Group.Generation, world.Waiting));
        Assert.Equal(ErrorCode.IllegalGeneration, world.Heartbeat(members[0].MemberId, 1));
        world.SaveNext();
        Assert.False(leader.IsThere);
        world.SaveNext();
        Assert.Equal((3, 3), (leader.Value.Generation, newcomer.Value.Generation));
    }

    [Fact]
    public void A_journal_that_fails_is_told()
    {
        var world = new GroupHarness { HoldsSaves = true };
        Reply<JoinReply> reply = world.Join(Request());
        world.SaveNext(ErrorCode.KafkaStorageError);
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, reply.Value.Error);

        world = new GroupHarness();
        JoinReply[] members = world.Joined(Request());
        world.HoldsSaves = true;
        Reply<SyncReply> sync = world.Sync(members[0], (members[0].MemberId, "x"));
        world.SaveNext(ErrorCode.KafkaStorageError);
        Assert.Equal((ErrorCode.CoordinatorNotAvailable, GroupState.CompletingRebalance), (sync.Value.Error, world.Group.State));
    }

    [Fact]
    public void An_empty_group_keeps_its_number()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Stable(1);
        world.Leave(members[0].MemberId);
        world.Restart();
        Assert.Equal((GroupState.Empty, 2), (world.Group.State, world.Group.Generation));
        Assert.Equal(3, world.Join(Request()).Value.Generation);
    }

    [Fact]
    public void Closing_answers_everybody()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Joined(Request(), Request());
        Reply<SyncReply> sync = world.Sync(members[1]);
        world.Coordinator.Close();
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, sync.Value.Error);
    }
}
