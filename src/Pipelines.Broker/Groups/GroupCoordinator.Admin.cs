namespace Pipelines.Broker.Groups;

/// <content>What tools ask, and what is there after a restart. Sources: DescribeGroups v0-6, ListGroups v0-5, DeleteGroups v0-2, OffsetDelete v0.</content>
internal sealed partial class GroupCoordinator
{
    internal IEnumerable<GroupListing> List() => groups.Values.Select(static group => new GroupListing(group.Id, group.ProtocolType, group.State));

    /// <summary>The group, or null when the coordinator does not know it; it may have offsets all the same.</summary>
    internal GroupDescription? Describe(string groupId)
    {
        if (!groups.TryGetValue(groupId, out Group? group)) return null;
        // Before that, nobody can tell which protocol the group will have.
        bool isStable = group.State == GroupState.Stable;
        MemberDescription[] members =
        [
            .. group.Members.Select(member => new MemberDescription(
                member.Id,
                member.InstanceId,
                member.ClientId,
                member.ClientHost,
                isStable ? member.MetadataOf(group.Protocol) : default,
                isStable ? member.Assignment : default)),
        ];
        string protocol = isStable ? group.Protocol ?? "" : "";
        return new GroupDescription(ErrorCode.None, group.Id, group.State, group.ProtocolType, protocol, members) { Generation = group.Generation };
    }

    /// <summary>Forgets an empty group.</summary>
    /// <returns><see cref="ErrorCode.GroupIdNotFound"/> when the coordinator does not know it; it may have offsets all the same.</returns>
    internal ErrorCode Delete(string groupId)
    {
        if (groupId.Length == 0) return ErrorCode.InvalidGroupId;
        if (!groups.TryGetValue(groupId, out Group? group)) return ErrorCode.GroupIdNotFound;
        if (group.State != GroupState.Empty) return ErrorCode.NonEmptyGroup;
        foreach (Deadline pending in group.Pending.Values) pending.Clear();
        group.State = GroupState.Dead;
        groups.Remove(groupId);
        return ErrorCode.None;
    }

    /// <summary>True when nobody has an id of the group.</summary>
    internal bool IsIdle(string groupId) => groups.TryGetValue(groupId, out Group? group) && group.State == GroupState.Empty && group.Pending.Count == 0;

    /// <summary>May offsets of the group be deleted at all?</summary>
    internal ErrorCode CheckOffsetDelete(string groupId)
    {
        if (groupId.Length == 0) return ErrorCode.InvalidGroupId;
        if (!groups.TryGetValue(groupId, out Group? group) || group.State == GroupState.Empty || group.IsOfConsumers) return ErrorCode.None;
        return ErrorCode.NonEmptyGroup;
    }

    /// <summary>True when members of the group read the topic, so that its offsets stay.</summary>
    internal bool IsSubscribedTo(string groupId, string topic) => groups.TryGetValue(groupId, out Group? group) && group.IsSubscribedTo(topic);

    /// <summary>Takes up groups where a former process left them: every member has a whole session to be heard of.</summary>
    internal void Restore(IEnumerable<GroupSnapshot> snapshots)
    {
        foreach (GroupSnapshot snapshot in snapshots)
        {
            var group = new Group(snapshot.GroupId, OnPhase) { Generation = snapshot.Generation, ProtocolType = snapshot.ProtocolType, Protocol = snapshot.Protocol };
            groups.Add(group.Id, group);
            foreach (MemberSnapshot known in snapshot.Members) Restore(group, known);
            group.Leader = snapshot.Leader;
            if (snapshot.Members.Count == 0) continue;
            group.State = snapshot.IsAssigned ? GroupState.Stable : GroupState.CompletingRebalance;
            if (snapshot.IsAssigned) continue;
            foreach (GroupMember member in group.Members) group.Unsynced.Add(member.Id);
            Arm(group.Phase, group.RebalanceTimeout > LeastWait ? group.RebalanceTimeout : LeastWait);
        }
    }

    private void Restore(Group group, MemberSnapshot known)
    {
        GroupMember member = NewMember(group, known.MemberId, known.InstanceId);
        member.ClientId = known.ClientId;
        member.ClientHost = known.ClientHost;
        member.SessionTimeout = known.SessionTimeout;
        member.RebalanceTimeout = known.RebalanceTimeout;
        member.Protocols = known.Protocols;
        member.Generation = group.Generation;
        member.Assignment = known.Assignment;
        group.Add(member);
        Arm(member.Session, member.SessionTimeout);
    }
}
