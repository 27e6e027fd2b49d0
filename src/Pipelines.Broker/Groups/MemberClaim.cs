namespace Pipelines.Broker.Groups;

/// <summary>Who somebody says to be: the member of a heartbeat, or of a commit.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="MemberId">The member's id; empty for a consumer that is no member.</param>
/// <param name="Generation">The generation; negative for a consumer that is no member.</param>
/// <param name="InstanceId">The static member's name, or null.</param>
public readonly record struct MemberClaim(string GroupId, string MemberId, int Generation, string? InstanceId = null);

/// <summary>A member that leaves: by its id, or a static one by its name.</summary>
/// <param name="MemberId">The member's id; may be empty when there is a name.</param>
/// <param name="InstanceId">The static member's name, or null.</param>
public readonly record struct LeavingMember(string MemberId, string? InstanceId = null);
