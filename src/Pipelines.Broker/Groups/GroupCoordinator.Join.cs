namespace Pipelines.Broker.Groups;

/// <content>Joining. Source: JoinGroup v0-9.</content>
internal sealed partial class GroupCoordinator
{
    internal void Join(JoinRequest request, Action<JoinReply> reply)
    {
        ErrorCode error = CheckJoin(request);
        if (error != ErrorCode.None)
        {
            if (error == ErrorCode.GroupMaxSizeReached) Withdraw(groups[request.GroupId], request.MemberId);
            reply(new JoinReply(error, error == ErrorCode.GroupMaxSizeReached ? "" : request.MemberId));
            return;
        }

        if (!groups.TryGetValue(request.GroupId, out Group? group)) groups.Add(request.GroupId, group = new Group(request.GroupId, OnPhase));
        if (request.MemberId.Length == 0) JoinNew(group, request, reply);
        else JoinKnown(group, request, reply);
        ForgetIfUnused(group);
    }

    private ErrorCode CheckJoin(JoinRequest request)
    {
        if (request.GroupId.Length == 0) return ErrorCode.InvalidGroupId;
        if (request.SessionTimeout < options.MinSessionTimeout || request.SessionTimeout > options.MaxSessionTimeout) return ErrorCode.InvalidSessionTimeout;
        if (!groups.TryGetValue(request.GroupId, out Group? group))
        {
            if (request.MemberId.Length > 0) return ErrorCode.UnknownMemberId;
            return request.ProtocolType.Length == 0 || request.Protocols.Count == 0 ? ErrorCode.InconsistentGroupProtocol : ErrorCode.None;
        }

        if (!HasRoom(group, request)) return ErrorCode.GroupMaxSizeReached;
        return group.Supports(request.ProtocolType, request.Protocols) ? ErrorCode.None : ErrorCode.InconsistentGroupProtocol;
    }

    private bool HasRoom(Group group, JoinRequest request) =>
        group.Members.Count < options.MaxSize || group.Find(request.MemberId) is not null || (request.InstanceId is { } instance && group.FindInstance(instance) is not null);

    private void JoinNew(Group group, JoinRequest request, Action<JoinReply> reply)
    {
        string memberId = $"{request.InstanceId ?? request.ClientId}-{options.NewId():D}";
        if (request.InstanceId is { } instance && group.FindInstance(instance) is { } former) Replace(group, former, memberId, request, reply);
        else if (request.InstanceId is null && request.RequiresKnownMemberId) HandOut(group, memberId, request, reply);
        else Add(group, memberId, request, reply);
    }

    /// <summary>Ids first, members later: a client that gives up after the first answer leaves nothing behind that a rebalance would wait for (KIP-394).</summary>
    private void HandOut(Group group, string memberId, JoinRequest request, Action<JoinReply> reply)
    {
        if (group.Pending.Count >= options.MaxPendingMembers)
        {
            reply(new JoinReply(ErrorCode.GroupMaxSizeReached, ""));
            return;
        }

        var deadline = new Deadline(() => Withdraw(group, memberId));
        group.Pending.Add(memberId, deadline);
        Arm(deadline, request.SessionTimeout);
        reply(new JoinReply(ErrorCode.MemberIdRequired, memberId));
    }

    /// <summary>An id that was handed out is good for nothing any longer.</summary>
    private void Withdraw(Group group, string memberId)
    {
        if (!group.Pending.Remove(memberId, out Deadline? deadline)) return;
        deadline.Clear();
        CompleteJoinIfAllJoined(group);
        ForgetIfUnused(group);
    }

    private void Add(Group group, string memberId, JoinRequest request, Action<JoinReply> reply)
    {
        if (group.Members.Count == 0) group.ProtocolType = request.ProtocolType;
        GroupMember member = NewMember(group, memberId, request.InstanceId);
        member.Take(request);
        member.IsNew = true;
        member.Joining = reply;
        group.Add(member);
        if (group.State == GroupState.PreparingRebalance && group.IsInitial) group.HasNewMember = true;
        // The session proper begins with the answer, which may take long.
        Arm(member.Session, options.NewMemberTimeout);
        Rebalance(group);
    }

    private void JoinKnown(Group group, JoinRequest request, Action<JoinReply> reply)
    {
        if (request.InstanceId is null && group.Pending.Remove(request.MemberId, out Deadline? pending))
        {
            pending.Clear();
            Add(group, request.MemberId, request, reply);
            return;
        }

        ErrorCode error = group.Check(request.MemberId, request.InstanceId, out GroupMember member);
        if (error == ErrorCode.None && group.State == GroupState.Empty) error = ErrorCode.UnknownMemberId;
        if (error != ErrorCode.None)
        {
            reply(new JoinReply(error, request.MemberId));
            return;
        }

        bool isSame = member.HasSame(request.Protocols);
        // Asked again, since the answer was lost, or since the member saw its partitions change: then the leader assigns anew.
        bool goesOn = isSame && (group.State == GroupState.CompletingRebalance || (group.State == GroupState.Stable && group.Leader != member.Id));
        bool waits = member.Joining is not null || group.IsBeginning;
        Answer(member, new JoinReply(ErrorCode.RebalanceInProgress, member.Id));
        Answer(member, new SyncReply(ErrorCode.RebalanceInProgress));
        member.Take(request);
        member.Joining = reply;
        // While it waits its generation, or its coming back, is not durable: it is answered when that is so.
        if (!goesOn) Rebalance(group);
        else if (!waits) Answer(member, Current(group, member));
    }

    /// <summary>A static member is back without its id: it takes over what it had, and whoever still has the id is fenced (KIP-345).</summary>
    private void Replace(Group group, GroupMember former, string memberId, JoinRequest request, Action<JoinReply> reply)
    {
        string? leader = group.Leader;
        bool wasUnsynced = group.Unsynced.Contains(former.Id);
        GroupMember member = NewMember(group, memberId, former.InstanceId);
        member.Take(request);
        member.Generation = former.Generation;
        member.Assignment = former.Assignment;
        member.Joining = reply;
        Remove(group, former, ErrorCode.FencedInstanceId);
        group.Add(member);
        if (leader == former.Id) group.Leader = memberId;
        if (wasUnsynced) group.Unsynced.Add(memberId);
        Arm(member.Session, member.SessionTimeout);
        if (group.State != GroupState.Stable || group.SelectProtocol() != group.Protocol)
        {
            Rebalance(group);
            return;
        }

        Save(group, group.Members.ToDictionary(static known => known.Id, static known => known.Assignment, StringComparer.Ordinal), error =>
        {
            // Otherwise the answer comes with the next generation.
            if (group.State != GroupState.Stable) return;
            if (error != ErrorCode.None) AnswerError(member, error);
            else Answer(member, BackAgain(group, member, leader, request.CanSkipAssignment));
        });
    }

    /// <summary>
    /// A leader that is back must not assign anew, since nobody would sync: from v9 on it is told so, and before that it is told a leader's id that is not its own.
    /// </summary>
    private static JoinReply BackAgain(Group group, GroupMember member, string? formerLeader, bool canSkip)
    {
        JoinReply reply = Current(group, member);
        if (group.Leader != member.Id) return reply;
        return canSkip ? reply with { SkipAssignment = true } : reply with { Leader = formerLeader ?? "", Members = [] };
    }

    private GroupMember NewMember(Group group, string memberId, string? instanceId)
    {
        GroupMember member = null!;
        member = new GroupMember(memberId, instanceId, new Deadline(() => OnSessionOver(group, member)));
        return member;
    }

    private static JoinReply Current(Group group, GroupMember member) => new(ErrorCode.None, member.Id)
    {
        Generation = group.Generation,
        ProtocolType = group.ProtocolType,
        Protocol = group.Protocol,
        Leader = group.Leader ?? "",
        Members = group.Leader == member.Id
            ? [.. group.Members.Select(known => new JoinedMember(known.Id, known.InstanceId, known.MetadataOf(group.Protocol)))]
            : [],
    };
}
