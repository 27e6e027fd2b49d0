namespace Pipelines.Broker.Groups;

/// <content>From one generation to the next.</content>
internal sealed partial class GroupCoordinator
{
    /// <summary>Where nobody who could join is left, looking again at once would never end.</summary>
    private static readonly TimeSpan LeastWait = TimeSpan.FromSeconds(1);

    /// <summary>Something has changed: a new generation has to begin, or the one that is prepared may begin now.</summary>
    private void Rebalance(Group group)
    {
        if (group.State == GroupState.PreparingRebalance) CompleteJoinIfAllJoined(group);
        else if (group.State != GroupState.Dead) PrepareRebalance(group);
    }

    private void PrepareRebalance(Group group)
    {
        bool wasEmpty = group.State == GroupState.Empty;
        group.State = GroupState.PreparingRebalance;
        group.Unsynced.Clear();
        group.IsAssigning = false;
        group.IsInitial = wasEmpty;
        group.HasNewMember = false;
        foreach (GroupMember member in group.Members) Answer(member, new SyncReply(ErrorCode.RebalanceInProgress));
        if (!wasEmpty)
        {
            Arm(group.Phase, group.RebalanceTimeout);
            CompleteJoinIfAllJoined(group);
            return;
        }

        // Members that start together should not get a generation each.
        group.InitialLeft = group.RebalanceTimeout;
        WaitForMore(group);
    }

    private void WaitForMore(Group group)
    {
        TimeSpan delay = options.InitialRebalanceDelay < group.InitialLeft ? options.InitialRebalanceDelay : group.InitialLeft;
        group.InitialLeft -= delay;
        group.HasNewMember = false;
        if (delay > TimeSpan.Zero) Arm(group.Phase, delay);
        else CompleteJoin(group);
    }

    private void CompleteJoinIfAllJoined(Group group)
    {
        if (group.State != GroupState.PreparingRebalance || group.IsInitial || group.Pending.Count > 0) return;
        if (group.JoiningCount == group.Members.Count) CompleteJoin(group);
    }

    private void OnPhase(Group group)
    {
        switch (group.State)
        {
            case GroupState.PreparingRebalance when group.IsInitial && group.HasNewMember && group.InitialLeft > TimeSpan.Zero:
                WaitForMore(group);
                break;
            case GroupState.PreparingRebalance:
                CompleteJoin(group);
                break;
            case GroupState.CompletingRebalance or GroupState.Stable when group.Unsynced.Count > 0:
                // They have joined and never asked for their share.
                foreach (string memberId in group.Unsynced.ToArray()) Remove(group, group.Find(memberId)!);
                Rebalance(group);
                break;
        }
    }

    /// <summary>The time to join is over: who has joined makes up the generation, and static members that are away keep their place.</summary>
    private void CompleteJoin(Group group)
    {
        group.Phase.Clear();
        foreach (GroupMember member in group.Members.ToArray())
        {
            if (member.Joining is null && member.InstanceId is null) Remove(group, member);
        }

        if (group.Members.Count > 0 && !group.TryElectLeader())
        {
            // Only static members that are away: nobody could assign.
            Arm(group.Phase, group.RebalanceTimeout > LeastWait ? group.RebalanceTimeout : LeastWait);
            return;
        }

        group.Generation++;
        group.IsInitial = false;
        if (group.Members.Count == 0) BeEmpty(group);
        else Begin(group);
    }

    private void BeEmpty(Group group)
    {
        group.State = GroupState.Empty;
        group.Protocol = null;
        group.IsBeginning = false;
        Save(group, assignments: null, static _ => { });
    }

    private void Begin(Group group)
    {
        group.State = GroupState.CompletingRebalance;
        group.Protocol = group.SelectProtocol();
        group.IsBeginning = true;
        foreach (GroupMember member in group.Members)
        {
            member.Generation = group.Generation;
            member.Assignment = default;
            if (member.Joining is not null) group.Unsynced.Add(member.Id);
        }

        Arm(group.Phase, group.RebalanceTimeout > LeastWait ? group.RebalanceTimeout : LeastWait);
        Save(group, assignments: null, error => OnBegun(group, error));
    }

    /// <summary>The generation is durable. When it is over already, its members wait for the next without having heard of it.</summary>
    private void OnBegun(Group group, ErrorCode error)
    {
        group.IsBeginning = false;
        if (group.State == GroupState.PreparingRebalance) return;
        foreach (GroupMember member in group.Members.ToArray())
        {
            if (error != ErrorCode.None) AnswerError(member, ErrorCode.CoordinatorNotAvailable);
            else if (member.Joining is not null) Answer(member, Current(group, member));
        }
    }

    /// <summary>A member was silent for too long.</summary>
    private void OnSessionOver(Group group, GroupMember member)
    {
        // Who waits for an answer is there; the answer begins the session anew. A new member may have given up long ago.
        bool waits = member.Joining is not null ? !member.IsNew : member.Syncing is not null;
        if (waits || group.State == GroupState.Dead) return;
        Remove(group, member);
        Rebalance(group);
    }
}
