namespace Pipelines.Broker.Groups;

/// <summary>A way to share the work that a member can take part in.</summary>
/// <param name="Name">Its name, such as <c>range</c>.</param>
/// <param name="Metadata">What the member tells the leader, such as its subscription; the coordinator keeps it as it is.</param>
public readonly record struct GroupProtocol(string Name, ReadOnlyMemory<byte> Metadata);

/// <summary>A client wants to be part of the group's next generation.</summary>
/// <remarks>Source: JoinGroup v0-9; KIP-345, KIP-394, KIP-814. The bytes are kept: they must not be of a pooled buffer.</remarks>
public sealed record JoinRequest
{
    /// <summary>The group.</summary>
    public required string GroupId { get; init; }

    /// <summary>The member's id; empty when it has none yet.</summary>
    public string MemberId { get; init; } = "";

    /// <summary>The name that a static member has chosen for itself, or null.</summary>
    public string? InstanceId { get; init; }

    /// <summary>The client's id, with which the member's id begins.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>Where the client is, for people to read.</summary>
    public string ClientHost { get; init; } = "";

    /// <summary>How long the member may be silent.</summary>
    public required TimeSpan SessionTimeout { get; init; }

    /// <summary>How long it may take to join again; v0 sends none, which means its session time-out.</summary>
    public TimeSpan? RebalanceTimeout { get; init; }

    /// <summary>The kind of the group, such as <c>consumer</c>.</summary>
    public required string ProtocolType { get; init; }

    /// <summary>What the member can do, what it likes best first.</summary>
    public required IReadOnlyList<GroupProtocol> Protocols { get; init; }

    /// <summary>True from v4 on: a dynamic member without an id is given one and has to ask again with it.</summary>
    public bool RequiresKnownMemberId { get; init; }

    /// <summary>True from v9 on: a leader that came back can be told the members without assigning anew.</summary>
    public bool CanSkipAssignment { get; init; }
}

/// <summary>A member as its leader sees it.</summary>
/// <param name="MemberId">The member's id.</param>
/// <param name="InstanceId">The static member's name, or null.</param>
/// <param name="Metadata">What it told with the protocol that was chosen.</param>
public readonly record struct JoinedMember(string MemberId, string? InstanceId, ReadOnlyMemory<byte> Metadata);

/// <summary>The answer to <see cref="JoinRequest"/>.</summary>
/// <param name="Error">What it came to.</param>
/// <param name="MemberId">The member's id, also with <see cref="ErrorCode.MemberIdRequired"/>.</param>
public sealed record JoinReply(ErrorCode Error, string MemberId)
{
    /// <summary>The generation, or -1.</summary>
    public int Generation { get; init; } = -1;

    /// <summary>The kind of the group, or null; told from v7 on.</summary>
    public string? ProtocolType { get; init; }

    /// <summary>The protocol that was chosen, or null; before v7 an empty string.</summary>
    public string? Protocol { get; init; }

    /// <summary>The leader's member id, or empty.</summary>
    public string Leader { get; init; } = "";

    /// <summary>True when the leader keeps the assignment as it is (v9).</summary>
    public bool SkipAssignment { get; init; }

    /// <summary>All members, for the leader; empty for the others.</summary>
    public IReadOnlyList<JoinedMember> Members { get; init; } = [];
}
