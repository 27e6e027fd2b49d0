using Pipelines.Broker.Groups;
using static Pipelines.Broker.Tests.Groups.GroupHarness;

namespace Pipelines.Broker.Tests.Groups;

/// <summary>KIP-345 and KIP-814.</summary>
public sealed class StaticMemberTests
{
    private static (GroupHarness World, JoinReply Leader, JoinReply Other) Stable(double session = 10)
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Joined(Request(instance: "a", session: session), Request(instance: "b", session: session));
        world.Settle(members);
        return (world, members[0], members[1]);
    }

    [Fact]
    public void One_that_comes_back_goes_on_without_a_rebalance_and_fences_who_had_its_name()
    {
        (GroupHarness world, _, JoinReply former) = Stable();
        JoinReply back = world.Join(Request(instance: "b")).Value;
        Assert.Equal((ErrorCode.None, 2, GroupState.Stable), (back.Error, back.Generation, world.Group.State));
        Assert.NotEqual(former.MemberId, back.MemberId);
        Assert.Equal("share 1", Text(world.Sync(back.MemberId, 2, "b").Value.Assignment));

        Assert.Equal(ErrorCode.FencedInstanceId, world.Join(Request(former.MemberId, instance: "b")).Value.Error);
        Assert.Equal(ErrorCode.FencedInstanceId, world.Sync(former.MemberId, 2, "b").Value.Error);
        Assert.Equal(ErrorCode.FencedInstanceId, world.Heartbeat(former.MemberId, 2, "b"));
        Assert.Equal(ErrorCode.FencedInstanceId, world.Commit(former.MemberId, 2, "b"));
        Assert.Equal(ErrorCode.FencedInstanceId, world.Commit(former.MemberId, 2, "b", isTransactional: true));
        Assert.Equal(ErrorCode.FencedInstanceId, world.Leave(former.MemberId, "b"));
        Assert.Equal(ErrorCode.UnknownMemberId, world.Heartbeat(former.MemberId, 2));
        Assert.Equal(ErrorCode.None, world.Heartbeat(back.MemberId, 2, "b"));
        Assert.Equal(ErrorCode.None, world.Commit(back.MemberId, 2, "b"));
    }

    [Fact]
    public void A_leader_that_comes_back_need_not_assign()
    {
        (GroupHarness world, JoinReply former, _) = Stable();
        JoinReply back = world.Join(Request(instance: "a", canSkip: true)).Value;
        Assert.Equal((back.MemberId, true, 2), (back.Leader, back.SkipAssignment, back.Members.Count));
        JoinReply old = world.Join(Request(instance: "a")).Value;
        Assert.Equal((back.MemberId, false, 0), (old.Leader, old.SkipAssignment, old.Members.Count));
        Assert.NotEqual(former.MemberId, old.Leader);
        Assert.Equal("share 0", Text(world.Sync(old.MemberId, 2, "a").Value.Assignment));
    }

    [Fact]
    public void One_that_comes_back_with_less_makes_the_group_choose_anew()
    {
        var world = new GroupHarness();
        world.Settle(world.Joined(Request(instance: "a", protocols: "x,y"), Request(instance: "b", protocols: "x,y")));
        Reply<JoinReply> back = world.Join(Request(instance: "b", protocols: "y"));
        Assert.False(back.IsThere);
        Assert.Equal(GroupState.PreparingRebalance, world.Group.State);
        world.Join(Request(instance: "a", protocols: "x,y"));
        Assert.Equal((3, "y"), (back.Value.Generation, back.Value.Protocol));
    }

    [Fact]
    public void Who_waits_under_a_name_that_is_taken_over_is_told()
    {
        (GroupHarness world, JoinReply leader, JoinReply former) = Stable();
        Reply<JoinReply> waiting = world.Join(Request(former.MemberId, instance: "b", metadata: "new"));
        Reply<JoinReply> back = world.Join(Request(instance: "b"));
        Assert.Equal(ErrorCode.FencedInstanceId, waiting.Value.Error);
        world.Join(Request(leader.MemberId, instance: "a"));
        Assert.Equal(3, back.Value.Generation);

        Reply<SyncReply> syncing = world.Sync(back.Value.MemberId, 3, "b");
        world.Join(Request(instance: "b"));
        Assert.Equal(ErrorCode.FencedInstanceId, syncing.Value.Error);
        Assert.Equal(GroupState.PreparingRebalance, world.Group.State);
    }

    [Fact]
    public void One_that_is_away_keeps_its_place_until_its_session_is_over()
    {
        (GroupHarness world, JoinReply leader, JoinReply away) = Stable(session: 100);
        Reply<JoinReply> newcomer = world.Join(Request(session: 100));
        Reply<JoinReply> joined = world.Join(Request(leader.MemberId, instance: "a", session: 100));
        world.Pass(60);
        Assert.Equal(3, joined.Value.Members.Count);
        world.Sync(joined.Value.MemberId, 3, "a", (newcomer.Value.MemberId, "n"), (away.MemberId, "kept for it"));
        Assert.Equal(ErrorCode.None, world.Sync(newcomer.Value.MemberId, 3).Value.Error);
        Assert.Equal(ErrorCode.IllegalGeneration, world.Heartbeat(away.MemberId, 2, "b"));
        JoinReply back = world.Join(Request(instance: "b", session: 100)).Value;
        Assert.Equal("kept for it", Text(world.Sync(back.MemberId, 3, "b").Value.Assignment));
        world.Pass(99);
        foreach (string member in new[] { joined.Value.MemberId, newcomer.Value.MemberId }) world.Heartbeat(member, 3);
        world.Heartbeat(joined.Value.MemberId, 3, "a");
        world.Pass(2);
        Assert.Equal((GroupState.PreparingRebalance, 2), (world.Group.State, world.Group.Members.Count));
    }

    [Fact]
    public void With_all_away_the_group_waits_for_one_to_lead()
    {
        (GroupHarness world, JoinReply leader, JoinReply other) = Stable(session: 300);
        Assert.Equal(ErrorCode.None, world.Leave("", "a"));
        world.Pass(200);
        Assert.Equal((GroupState.PreparingRebalance, 2), (world.Group.State, world.Group.Generation));
        Reply<JoinReply> back = world.Join(Request(instance: "b", session: 300));
        Assert.Equal((3, back.Value.MemberId), (back.Value.Generation, back.Value.Leader));
        Assert.Equal(ErrorCode.UnknownMemberId, world.Heartbeat(leader.MemberId, 3));
        Assert.Equal(ErrorCode.FencedInstanceId, world.Heartbeat(other.MemberId, 3, "b"));
    }

    [Fact]
    public void With_all_gone_for_good_the_group_is_empty()
    {
        (GroupHarness world, _, _) = Stable(session: 30);
        world.Pass(30);
        Assert.Equal((GroupState.Empty, 3), (world.Group.State, world.Group.Generation));
        Assert.Empty(world.Saved[Name].Members);
    }

    [Fact]
    public void Taking_over_is_durable_before_it_is_told()
    {
        (GroupHarness world, _, JoinReply former) = Stable();
        world.HoldsSaves = true;
        Reply<JoinReply> back = world.Join(Request(instance: "b"));
        Assert.False(back.IsThere);
        Assert.Equal(ErrorCode.FencedInstanceId, world.Heartbeat(former.MemberId, 2, "b"));
        Assert.True(world.SaveNext());
        Assert.Equal(ErrorCode.None, back.Value.Error);
        world.Restart();
        Assert.Equal(ErrorCode.FencedInstanceId, world.Commit(former.MemberId, 2, "b"));
        Assert.Equal(ErrorCode.None, world.Commit(back.Value.MemberId, 2, "b"));
        Assert.Equal("share 1", Text(world.Sync(back.Value.MemberId, 2, "b").Value.Assignment));
    }
}
