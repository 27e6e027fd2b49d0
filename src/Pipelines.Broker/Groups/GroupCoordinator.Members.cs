namespace Pipelines.Broker.Groups;

/// <content>What members of a generation ask. Sources: SyncGroup v0-5, Heartbeat v0-4, LeaveGroup v0-5, OffsetCommit v0-9, TxnOffsetCommit v0-5 (KIP-447).</content>
internal sealed partial class GroupCoordinator
{
    internal void Sync(SyncRequest request, Action<SyncReply> reply)
    {
        ErrorCode error = Check(new MemberClaim(request.GroupId, request.MemberId, request.Generation, request.InstanceId), out Group group, out GroupMember member);
        if (error == ErrorCode.None && !Agrees(request.ProtocolType, group.ProtocolType)) error = ErrorCode.InconsistentGroupProtocol;
        if (error == ErrorCode.None && !Agrees(request.Protocol, group.Protocol)) error = ErrorCode.InconsistentGroupProtocol;
        if (error == ErrorCode.None && group.State == GroupState.PreparingRebalance) error = ErrorCode.RebalanceInProgress;
        if (error != ErrorCode.None)
        {
            reply(new SyncReply(error));
            return;
        }

        Answer(member, new SyncReply(ErrorCode.RebalanceInProgress));
        member.Syncing = reply;
        group.Unsynced.Remove(member.Id);
        if (group.Unsynced.Count == 0) group.Phase.Clear();
        if (group.State == GroupState.Stable) Answer(member, Assigned(group, member));
        else if (group.Leader == member.Id && !group.IsAssigning) Assign(group, request.Assignments);
    }

    internal ErrorCode Heartbeat(MemberClaim claim)
    {
        ErrorCode error = Check(claim, out Group group, out GroupMember member);
        if (error != ErrorCode.None) return error;
        Arm(member.Session, member.SessionTimeout);
        return group.State == GroupState.PreparingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    /// <summary>Takes members out; each has an answer of its own.</summary>
    internal (ErrorCode Error, ErrorCode[] Members) Leave(string groupId, IReadOnlyList<LeavingMember> leaving)
    {
        if (groupId.Length == 0) return (ErrorCode.InvalidGroupId, []);
        var errors = new ErrorCode[leaving.Count];
        if (!groups.TryGetValue(groupId, out Group? group))
        {
            Array.Fill(errors, ErrorCode.UnknownMemberId);
            return (ErrorCode.None, errors);
        }

        bool hasLeft = false;
        for (int i = 0; i < errors.Length; i++)
        {
            (string memberId, string? instanceId) = leaving[i];
            if (instanceId is null && group.Pending.ContainsKey(memberId))
            {
                Withdraw(group, memberId);
                continue;
            }

            // Who administrates a group knows the static member's name only.
            if (instanceId is not null && memberId.Length == 0) memberId = group.FindInstance(instanceId)?.Id ?? "";
            errors[i] = group.Check(memberId, instanceId, out GroupMember member);
            if (errors[i] != ErrorCode.None) continue;
            Remove(group, member);
            hasLeft = true;
        }

        if (hasLeft) Rebalance(group);
        return (ErrorCode.None, errors);
    }

    /// <summary>May these offsets be committed?</summary>
    /// <param name="claim">Who commits.</param>
    /// <param name="isTransactional">True for offsets of a transaction, whose producer may be no member at all.</param>
    internal ErrorCode CheckCommit(MemberClaim claim, bool isTransactional)
    {
        if (claim.GroupId.Length == 0) return ErrorCode.InvalidGroupId;
        // A group without members is whoever commits to it: a consumer that chose its partitions itself, or a tool.
        if (!groups.TryGetValue(claim.GroupId, out Group? group)) return claim.Generation < 0 ? ErrorCode.None : ErrorCode.IllegalGeneration;
        if (claim.Generation < 0 && group.State == GroupState.Empty) return ErrorCode.None;
        if (claim.Generation < 0 && claim.MemberId.Length == 0 && claim.InstanceId is null) return isTransactional ? ErrorCode.None : ErrorCode.UnknownMemberId;
        ErrorCode error = Check(claim, out group, out GroupMember member);
        if (error != ErrorCode.None) return error;
        // The member knows the generation, so it has joined: it should hear that its partitions are being moved.
        if (group.State == GroupState.CompletingRebalance && !isTransactional) return ErrorCode.RebalanceInProgress;
        Arm(member.Session, member.SessionTimeout);
        return ErrorCode.None;
    }

    private ErrorCode Check(MemberClaim claim, out Group group, out GroupMember member)
    {
        member = null!;
        if (!groups.TryGetValue(claim.GroupId, out group!)) return claim.GroupId.Length == 0 ? ErrorCode.InvalidGroupId : ErrorCode.UnknownMemberId;
        ErrorCode error = group.Check(claim.MemberId, claim.InstanceId, out member);
        return error == ErrorCode.None && (claim.Generation != group.Generation || member.Generation != group.Generation) ? ErrorCode.IllegalGeneration : error;
    }

    private static bool Agrees(string? told, string? known) => told is null || told == known;

    private void Assign(Group group, IReadOnlyList<MemberAssignment> assignments)
    {
        group.IsAssigning = true;
        // Members that the leader gave nothing get nothing; what it gave to others goes nowhere.
        var given = group.Members.ToDictionary(static member => member.Id, static _ => default(ReadOnlyMemory<byte>), StringComparer.Ordinal);
        foreach (MemberAssignment assignment in assignments)
        {
            if (given.ContainsKey(assignment.MemberId)) given[assignment.MemberId] = assignment.Assignment;
        }

        Save(group, given, error => OnAssigned(group, given, error));
    }

    private void OnAssigned(Group group, Dictionary<string, ReadOnlyMemory<byte>> given, ErrorCode error)
    {
        if (group.State != GroupState.CompletingRebalance) return;
        group.IsAssigning = false;
        if (error == ErrorCode.None) group.State = GroupState.Stable;
        foreach (GroupMember member in group.Members)
        {
            if (error == ErrorCode.None) member.Assignment = given.GetValueOrDefault(member.Id);
            Answer(member, error == ErrorCode.None ? Assigned(group, member) : new SyncReply(ErrorCode.CoordinatorNotAvailable));
        }
    }

    private static SyncReply Assigned(Group group, GroupMember member) =>
        new(ErrorCode.None) { ProtocolType = group.ProtocolType, Protocol = group.Protocol, Assignment = member.Assignment };
}
