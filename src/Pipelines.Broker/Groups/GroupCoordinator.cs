namespace Pipelines.Broker.Groups;

/// <summary>Keeps a group's state over restarts.</summary>
/// <param name="snapshot">The state.</param>
/// <param name="done">Told when it is durable, in any order, or why it never will be.</param>
internal delegate void SaveGroup(GroupSnapshot snapshot, Action<ErrorCode> done);

/// <summary>The group coordinator as a state machine: no threads, no sockets, no clock of its own; one call at a time.</summary>
/// <remarks>
/// The protocol is the classic one of Kafka: JoinGroup, SyncGroup, Heartbeat and LeaveGroup, with KIP-345 (static members), KIP-394 (ids are handed out first) and
/// KIP-814 (a leader that comes back need not assign). A generation is durable before members hear of it, and so is its assignment: a generation is never
/// begun twice, and after a restart members go on where they were. Answers come through the callbacks that were handed in, sooner or later always.
/// </remarks>
internal sealed partial class GroupCoordinator(GroupOptions options, TimeProvider wallClock, Func<TimeSpan> now, SaveGroup save)
{
    private readonly Dictionary<string, Group> groups = new(StringComparer.Ordinal);
    private readonly DeadlineQueue deadlines = new();

    /// <summary>Nothing is due before this; null when nothing ever is.</summary>
    internal TimeSpan? NextDue => deadlines.Next;

    /// <summary>Does what is due.</summary>
    internal void Advance() => deadlines.Advance(now());

    /// <summary>Answers everybody who waits: the coordinator goes away.</summary>
    internal void Close()
    {
        foreach (Group group in groups.Values)
        {
            foreach (GroupMember member in group.Members) AnswerError(member, ErrorCode.CoordinatorNotAvailable);
        }

        groups.Clear();
    }

    private void Arm(Deadline deadline, TimeSpan delay) => deadlines.Set(deadline, now() + delay);

    private void Answer(GroupMember member, JoinReply reply)
    {
        if (member.Joining is not { } joining) return;
        member.Joining = null;
        member.IsNew = false;
        Arm(member.Session, member.SessionTimeout);
        joining(reply);
    }

    private void Answer(GroupMember member, SyncReply reply)
    {
        if (member.Syncing is not { } syncing) return;
        member.Syncing = null;
        Arm(member.Session, member.SessionTimeout);
        syncing(reply);
    }

    private void AnswerError(GroupMember member, ErrorCode error)
    {
        Answer(member, new JoinReply(error, member.Id));
        Answer(member, new SyncReply(error));
    }

    /// <summary>Takes the member out; whoever waits for it is told, and what follows for the group is the caller's.</summary>
    private void Remove(Group group, GroupMember member, ErrorCode reason = ErrorCode.UnknownMemberId)
    {
        AnswerError(member, reason);
        group.Remove(member);
    }

    private void Save(Group group, Dictionary<string, ReadOnlyMemory<byte>>? assignments, Action<ErrorCode> done)
    {
        int generation = group.Generation;
        save(group.Snapshot(wallClock.GetUtcNow().ToUnixTimeMilliseconds(), assignments), error =>
        {
            if (group.State != GroupState.Dead && group.Generation == generation) done(error);
        });
    }

    private void ForgetIfUnused(Group group)
    {
        if (!group.IsUnused) return;
        group.State = GroupState.Dead;
        group.Phase.Clear();
        groups.Remove(group.Id);
    }
}
