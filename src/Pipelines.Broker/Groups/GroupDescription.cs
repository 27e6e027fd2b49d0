namespace Pipelines.Broker.Groups;

/// <summary>A group in a list.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="ProtocolType">Its kind; empty when it never had members.</param>
/// <param name="State">What it is about.</param>
/// <remarks>Every group here is of the type that Kafka calls <c>classic</c>.</remarks>
public readonly record struct GroupListing(string GroupId, string ProtocolType, GroupState State);

/// <summary>A group with its members.</summary>
/// <param name="Error"><see cref="ErrorCode.GroupIdNotFound"/> when there is no such group; DescribeGroups says so from v6 on (KIP-1043), and before only that it is dead.</param>
/// <param name="GroupId">The group.</param>
/// <param name="State">What it is about.</param>
/// <param name="ProtocolType">Its kind.</param>
/// <param name="Protocol">The protocol that was chosen; empty unless the group is stable.</param>
/// <param name="Members">The members.</param>
public sealed record GroupDescription(ErrorCode Error, string GroupId, GroupState State, string ProtocolType, string Protocol, IReadOnlyList<MemberDescription> Members)
{
    /// <summary>The generation; not told by the protocol.</summary>
    public int Generation { get; init; }
}

/// <summary>A member of a group.</summary>
/// <param name="MemberId">Its id.</param>
/// <param name="InstanceId">The static member's name, or null.</param>
/// <param name="ClientId">Its client's id.</param>
/// <param name="ClientHost">Where its client is.</param>
/// <param name="Metadata">What it told with the chosen protocol; empty unless the group is stable.</param>
/// <param name="Assignment">What it was given; empty unless the group is stable.</param>
public sealed record MemberDescription(string MemberId, string? InstanceId, string ClientId, string ClientHost, ReadOnlyMemory<byte> Metadata, ReadOnlyMemory<byte> Assignment);
