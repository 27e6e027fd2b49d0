namespace Pipelines.Broker.Groups;

/// <summary>One group: its members, and what they have agreed on. The rules are the coordinator's.</summary>
internal sealed class Group
{
    private const string ConsumerType = "consumer";
    private readonly Dictionary<string, GroupMember> members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GroupMember> instances = new(StringComparer.Ordinal);

    internal Group(string id, Action<Group> phaseIsOver)
    {
        Id = id;
        Phase = new Deadline(() => phaseIsOver(this));
    }

    internal string Id { get; }

    internal GroupState State { get; set; }

    /// <summary>Grows with every generation; 0 before the first.</summary>
    internal int Generation { get; set; }

    internal string ProtocolType { get; set; } = "";

    internal string? Protocol { get; set; }

    /// <summary>The member that assigns.</summary>
    internal string? Leader { get; set; }

    internal IReadOnlyCollection<GroupMember> Members => members.Values;

    /// <summary>Ids that were handed out to clients that have not come back with them (KIP-394).</summary>
    internal Dictionary<string, Deadline> Pending { get; } = new(StringComparer.Ordinal);

    /// <summary>Members that have joined the generation and did not ask for their assignment yet.</summary>
    internal HashSet<string> Unsynced { get; } = new(StringComparer.Ordinal);

    /// <summary>The end of the time to join, or to sync.</summary>
    internal Deadline Phase { get; }

    /// <summary>True while the first generation after an empty group is prepared.</summary>
    internal bool IsInitial { get; set; }

    /// <summary>What is left of the time that the first generation may wait for more members.</summary>
    internal TimeSpan InitialLeft { get; set; }

    /// <summary>True when a further member came while the first generation waited.</summary>
    internal bool HasNewMember { get; set; }

    /// <summary>True while the generation is not durable, and so not told.</summary>
    internal bool IsBeginning { get; set; }

    /// <summary>True when the leader's assignment was taken and is not durable yet; another one of this generation is not taken.</summary>
    internal bool IsAssigning { get; set; }

    /// <summary>The longest time that one of the members wants for joining again.</summary>
    internal TimeSpan RebalanceTimeout => members.Values.Select(static member => member.RebalanceTimeout).DefaultIfEmpty().Max();

    internal int JoiningCount => members.Values.Count(static member => member.Joining is not null);

    internal bool IsUnused => State == GroupState.Empty && Generation == 0 && members.Count == 0 && Pending.Count == 0;

    internal GroupMember? Find(string memberId) => members.GetValueOrDefault(memberId);

    internal GroupMember? FindInstance(string instanceId) => instances.GetValueOrDefault(instanceId);

    /// <summary>Finds who says to be a member.</summary>
    internal ErrorCode Check(string memberId, string? instanceId, out GroupMember member)
    {
        member = members.GetValueOrDefault(memberId)!;
        if (instanceId is null) return member is null ? ErrorCode.UnknownMemberId : ErrorCode.None;
        if (!instances.TryGetValue(instanceId, out GroupMember? owner)) return ErrorCode.UnknownMemberId;
        return ReferenceEquals(owner, member) ? ErrorCode.None : ErrorCode.FencedInstanceId;
    }

    internal void Add(GroupMember member)
    {
        members.Add(member.Id, member);
        if (member.InstanceId is not null) instances.Add(member.InstanceId, member);
        Leader ??= member.Id;
    }

    internal void Remove(GroupMember member)
    {
        members.Remove(member.Id);
        if (member.InstanceId is not null) instances.Remove(member.InstanceId);
        Unsynced.Remove(member.Id);
        member.Session.Clear();
        if (Leader == member.Id) Leader = members.Values.FirstOrDefault()?.Id;
    }

    /// <summary>The leader if it joins, else a member that does; false when none does.</summary>
    internal bool TryElectLeader()
    {
        if (Leader is not null && members[Leader].Joining is not null) return true;
        if (members.Values.FirstOrDefault(static member => member.Joining is not null) is not { } joining) return false;
        Leader = joining.Id;
        return true;
    }

    /// <summary>True when a member with these could work with the others.</summary>
    internal bool Supports(string protocolType, IReadOnlyList<GroupProtocol> protocols)
    {
        if (protocolType.Length == 0 || protocols.Count == 0) return false;
        if (members.Count == 0) return true;
        return protocolType == ProtocolType && protocols.Any(protocol => members.Values.All(member => member.Knows(protocol.Name)));
    }

    /// <summary>Each member votes for what it likes best of what all know; a tie goes to what the leader likes better.</summary>
    internal string SelectProtocol()
    {
        var votes = new Dictionary<string, int>(StringComparer.Ordinal);
        GroupProtocol[] common = [.. members[Leader!].Protocols.Where(protocol => members.Values.All(member => member.Knows(protocol.Name)))];
        foreach (GroupMember member in members.Values)
        {
            string vote = member.Protocols.First(liked => common.Any(protocol => protocol.Name == liked.Name)).Name;
            votes[vote] = votes.GetValueOrDefault(vote) + 1;
        }

        return common.MaxBy(protocol => votes.GetValueOrDefault(protocol.Name)).Name;
    }

    /// <summary>True when members read the topic, or when that cannot be known.</summary>
    internal bool IsSubscribedTo(string topic)
    {
        if (members.Count == 0) return false;
        if (!IsOfConsumers) return true;
        var topics = new HashSet<string>(StringComparer.Ordinal);
        foreach (GroupMember member in members.Values)
        {
            foreach (GroupProtocol protocol in member.Protocols)
            {
                if (!SubscribedTopics.TryAdd(protocol.Metadata.Span, topics)) return true;
            }
        }

        return topics.Contains(topic);
    }

    internal bool IsOfConsumers => ProtocolType == ConsumerType;

    internal GroupSnapshot Snapshot(long timestampMs, Dictionary<string, ReadOnlyMemory<byte>>? assignments) => new(
        Id,
        Generation,
        ProtocolType,
        Protocol,
        Leader,
        assignments is not null,
        timestampMs,
        [.. members.Values.Select(member => member.Snapshot(assignments?.GetValueOrDefault(member.Id) ?? default))]);
}
