using Pipelines.Broker.Groups;
using static Pipelines.Broker.Tests.Groups.GroupHarness;

namespace Pipelines.Broker.Tests.Groups;

public sealed class JoinTests
{
    [Fact]
    public void A_dynamic_member_is_given_an_id_first()
    {
        var world = new GroupHarness();
        JoinReply first = world.Join(Request(asksFirst: true)).Value;
        Assert.Equal(ErrorCode.MemberIdRequired, first.Error);
        Assert.StartsWith("client-", first.MemberId, StringComparison.Ordinal);
        Assert.Empty(world.Group.Members);
        JoinReply second = world.Join(Request(first.MemberId, asksFirst: true)).Value;
        Assert.Equal((ErrorCode.None, first.MemberId, first.MemberId, 1), (second.Error, second.MemberId, second.Leader, second.Generation));
        Assert.Equal(("consumer", "range"), (second.ProtocolType, second.Protocol));
        Assert.Equal("m/range", Text(Assert.Single(second.Members).Metadata));
    }

    [Fact]
    public void Old_clients_and_static_members_join_at_once()
    {
        var world = new GroupHarness();
        Assert.Equal(ErrorCode.None, world.Join(Request()).Value.Error);
        world = new GroupHarness();
        JoinReply reply = world.Join(Request(instance: "i", asksFirst: true)).Value;
        Assert.Equal(ErrorCode.None, reply.Error);
        Assert.StartsWith("i-", reply.MemberId, StringComparison.Ordinal);
    }

    [Fact]
    public void What_makes_no_sense_is_refused_and_leaves_nothing_behind()
    {
        var world = new GroupHarness();
        Assert.Equal(ErrorCode.InvalidGroupId, world.Join(Request() with { GroupId = "" }).Value.Error);
        Assert.Equal(ErrorCode.InvalidSessionTimeout, world.Join(Request(session: 5.999)).Value.Error);
        Assert.Equal(ErrorCode.InvalidSessionTimeout, world.Join(Request(session: 1800.001)).Value.Error);
        Assert.Equal(ErrorCode.UnknownMemberId, world.Join(Request("nobody")).Value.Error);
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, world.Join(Request(protocols: "")).Value.Error);
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, world.Join(Request(type: "")).Value.Error);
        Assert.Empty(world.Coordinator.List());
        Assert.Null(world.Coordinator.NextDue);
    }

    [Fact]
    public void Members_that_start_together_share_the_first_generation()
    {
        var world = new GroupHarness(new GroupOptions { InitialRebalanceDelay = TimeSpan.FromSeconds(3) });
        Reply<JoinReply> one = world.Join(Request(rebalance: 8));
        world.Pass(2);
        Reply<JoinReply> two = world.Join(Request(rebalance: 8));
        world.Pass(2);
        Assert.False(one.IsThere);
        world.Pass(1.9);
        Assert.False(one.IsThere);
        world.Pass(0.1);
        Assert.Equal((1, 1), (one.Value.Generation, two.Value.Generation));
        Assert.Equal(2, one.Value.Members.Count);
        Assert.Empty(two.Value.Members);
        Assert.Equal(one.Value.MemberId, two.Value.Leader);
    }

    [Fact]
    public void The_first_generation_waits_no_longer_than_the_rebalance_time_out()
    {
        var world = new GroupHarness(new GroupOptions { InitialRebalanceDelay = TimeSpan.FromSeconds(3) });
        var replies = new List<Reply<JoinReply>>();
        for (int second = 0; second < 7; second++)
        {
            replies.Add(world.Join(Request(rebalance: 7)));
            world.Pass(1);
        }

        Assert.All(replies, static reply => Assert.Equal(1, reply.Value.Generation));
    }

    [Fact]
    public void The_protocol_that_most_like_best_is_chosen_of_those_that_all_know()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Joined(Request(protocols: "a,b,c"), Request(protocols: "b,a"), Request(protocols: "x,b,a"));
        Assert.All(members, static member => Assert.Equal("b", member.Protocol));
        world = new GroupHarness();
        Assert.Equal("b", world.Joined(Request(protocols: "b,a"), Request(protocols: "a,b"))[1].Protocol);
    }

    [Fact]
    public void Who_cannot_work_with_the_others_stays_outside()
    {
        var world = new GroupHarness();
        world.Stable(2, protocols: "a,b");
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, world.Join(Request(protocols: "c")).Value.Error);
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, world.Join(Request(protocols: "a", type: "connect")).Value.Error);
        Assert.Equal((GroupState.Stable, 2), (world.Group.State, world.Group.Members.Count));
    }

    [Fact]
    public void A_full_group_takes_nobody_but_its_members()
    {
        var world = new GroupHarness(new GroupOptions { MaxSize = 2, InitialRebalanceDelay = TimeSpan.Zero });
        JoinReply[] members = world.Stable(1);
        string one = world.Join(Request(asksFirst: true)).Value.MemberId;
        string two = world.Join(Request(asksFirst: true)).Value.MemberId;
        Reply<JoinReply> second = world.Join(Request(one, asksFirst: true));
        Reply<JoinReply> first = world.Join(Request(members[0].MemberId));
        Assert.False(first.IsThere);
        JoinReply third = world.Join(Request(two, asksFirst: true)).Value;
        Assert.Equal((ErrorCode.GroupMaxSizeReached, ""), (third.Error, third.MemberId));
        Assert.Equal((2, 2), (first.Value.Generation, second.Value.Generation));
        Assert.Equal(ErrorCode.GroupMaxSizeReached, world.Join(Request(asksFirst: true)).Value.Error);
        Assert.Equal(ErrorCode.None, world.Join(Request(one)).Value.Error);
    }

    [Fact]
    public void A_rebalance_waits_for_ids_that_were_handed_out_but_not_for_ever()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Stable(1);
        JoinReply handedOut = world.Join(Request(asksFirst: true, session: 12)).Value;
        Reply<JoinReply> leader = world.Join(Request(members[0].MemberId));
        Assert.False(leader.IsThere);
        world.Pass(12);
        Assert.Equal(2, leader.Value.Generation);
        Assert.Equal(ErrorCode.UnknownMemberId, world.Join(Request(handedOut.MemberId)).Value.Error);
    }

    [Fact]
    public void Ids_that_were_handed_out_for_nothing_leave_no_group()
    {
        var world = new GroupHarness();
        world.Join(Request(asksFirst: true));
        Assert.Single(world.Coordinator.List());
        world.Pass(10);
        Assert.Empty(world.Coordinator.List());
    }

    [Fact]
    public void A_follower_that_asks_again_is_told_again()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Stable(2);
        JoinReply again = world.Join(Request(members[1].MemberId)).Value;
        Assert.Equal((ErrorCode.None, members[1].Generation, GroupState.Stable), (again.Error, again.Generation, world.Group.State));
        Assert.Empty(again.Members);
    }

    [Theory]
    [InlineData(0, "m")]
    [InlineData(1, "other")]
    public void A_leader_that_joins_again_and_a_member_that_has_changed_begin_a_new_generation(int index, string metadata)
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Stable(2);
        Reply<JoinReply> again = world.Join(Request(members[index].MemberId, metadata: metadata));
        Assert.Equal(GroupState.PreparingRebalance, world.Group.State);
        Assert.Equal(ErrorCode.RebalanceInProgress, world.Heartbeat(members[1 - index].MemberId, 2));
        Assert.False(again.IsThere);
        Reply<JoinReply> other = world.Join(Request(members[1 - index].MemberId));
        Assert.Equal((3, 3), (again.Value.Generation, other.Value.Generation));
    }

    [Fact]
    public void A_join_whose_answer_was_lost_is_answered_with_the_same_generation()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Joined(Request(), Request());
        JoinReply again = world.Join(Request(members[0].MemberId)).Value;
        Assert.Equal((2, 2), (again.Generation, again.Members.Count));
        Assert.Equal(GroupState.CompletingRebalance, world.Group.State);
    }

    [Fact]
    public void A_join_on_a_second_connection_takes_the_place_of_the_first()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Stable(2);
        Reply<JoinReply> first = world.Join(Request(members[0].MemberId));
        Reply<JoinReply> second = world.Join(Request(members[0].MemberId));
        Assert.Equal(ErrorCode.RebalanceInProgress, first.Value.Error);
        world.Join(Request(members[1].MemberId));
        Assert.Equal(3, second.Value.Generation);
    }

    [Fact]
    public void Who_does_not_join_again_in_time_is_out()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Joined(Request(rebalance: 20, session: 100), Request(rebalance: 30, session: 100));
        world.Settle(members);
        Reply<JoinReply> leader = world.Join(Request(members[0].MemberId, rebalance: 20, session: 100));
        world.Pass(29.9);
        Assert.False(leader.IsThere);
        world.Pass(0.1);
        Assert.Equal((3, 1), (leader.Value.Generation, leader.Value.Members.Count));
        Assert.Equal(ErrorCode.UnknownMemberId, world.Heartbeat(members[1].MemberId, 2));
        Assert.Equal(ErrorCode.UnknownMemberId, world.Join(Request(members[1].MemberId)).Value.Error);
    }

    [Fact]
    public void A_leader_that_does_not_join_again_is_followed_by_another()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Stable(2);
        Reply<JoinReply> other = world.Join(Request(members[1].MemberId, metadata: "new"));
        for (int i = 0; i < 8; i++)
        {
            world.Pass(8);
            world.Heartbeat(members[0].MemberId, 2);
        }

        Assert.Equal(other.Value.MemberId, other.Value.Leader);
        Assert.Single(other.Value.Members);
    }

    [Fact]
    public void A_new_member_that_has_given_up_does_not_stay()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Joined(Request(rebalance: 3600));
        world.Settle(members);
        Reply<JoinReply> gone = world.Join(Request());
        for (int i = 0; i < 100; i++)
        {
            world.Pass(2.99);
            Assert.Equal(ErrorCode.RebalanceInProgress, world.Heartbeat(members[0].MemberId, 1));
        }

        Assert.False(gone.IsThere);
        world.Pass(1);
        Assert.Equal(ErrorCode.UnknownMemberId, gone.Value.Error);
        Assert.Single(world.Group.Members);
    }

    [Fact]
    public void Who_waits_is_not_silent()
    {
        var world = new GroupHarness();
        JoinReply[] members = world.Joined(Request(session: 6), Request(session: 1000));
        world.Settle(members);
        Reply<JoinReply> leader = world.Join(Request(members[0].MemberId, session: 6));
        world.Pass(59);
        Assert.False(leader.IsThere);
        world.Join(Request(members[1].MemberId, session: 1000));
        Assert.Equal(2, leader.Value.Members.Count);
        // From its answer on it has a session again.
        world.Pass(6);
        Assert.Equal(GroupState.PreparingRebalance, world.Group.State);
    }
}
