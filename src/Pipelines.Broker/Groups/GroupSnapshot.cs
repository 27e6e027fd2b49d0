namespace Pipelines.Broker.Groups;

/// <summary>A group as it is kept over a restart: what it is when a generation begins, when it is assigned, and when a static member comes back.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="Generation">The last generation that was begun.</param>
/// <param name="ProtocolType">Its kind.</param>
/// <param name="Protocol">The protocol of the generation, or null.</param>
/// <param name="Leader">The leader's member id, or null.</param>
/// <param name="IsAssigned">True when the leader has given the assignments.</param>
/// <param name="TimestampMs">When this was so, in Unix milliseconds.</param>
/// <param name="Members">The members.</param>
internal sealed record GroupSnapshot(
    string GroupId, int Generation, string ProtocolType, string? Protocol, string? Leader, bool IsAssigned, long TimestampMs, IReadOnlyList<MemberSnapshot> Members);

/// <summary>A member as it is kept over a restart.</summary>
internal sealed record MemberSnapshot(
    string MemberId,
    string? InstanceId,
    string ClientId,
    string ClientHost,
    TimeSpan SessionTimeout,
    TimeSpan RebalanceTimeout,
    IReadOnlyList<GroupProtocol> Protocols,
    ReadOnlyMemory<byte> Assignment);
