namespace Pipelines.Broker.Groups;

/// <summary>What a leader gives to one member.</summary>
public readonly record struct MemberAssignment(string MemberId, ReadOnlyMemory<byte> Assignment);

/// <summary>A member asks for its assignment; the leader brings those of all.</summary>
/// <remarks>Source: SyncGroup v0-5. The bytes are kept: they must not be of a pooled buffer.</remarks>
public sealed record SyncRequest
{
    /// <summary>The group.</summary>
    public required string GroupId { get; init; }

    /// <summary>The member's id.</summary>
    public required string MemberId { get; init; }

    /// <summary>The static member's name, or null.</summary>
    public string? InstanceId { get; init; }

    /// <summary>The generation that the member has joined.</summary>
    public required int Generation { get; init; }

    /// <summary>The kind of the group as the member knows it; null before v5.</summary>
    public string? ProtocolType { get; init; }

    /// <summary>The protocol as the member knows it; null before v5.</summary>
    public string? Protocol { get; init; }

    /// <summary>The leader's assignments; empty from others.</summary>
    public IReadOnlyList<MemberAssignment> Assignments { get; init; } = [];
}

/// <summary>The answer to <see cref="SyncRequest"/>.</summary>
/// <param name="Error">What it came to.</param>
public sealed record SyncReply(ErrorCode Error)
{
    /// <summary>The kind of the group, or null (v5).</summary>
    public string? ProtocolType { get; init; }

    /// <summary>The protocol of the generation, or null (v5).</summary>
    public string? Protocol { get; init; }

    /// <summary>The member's assignment.</summary>
    public ReadOnlyMemory<byte> Assignment { get; init; }
}
