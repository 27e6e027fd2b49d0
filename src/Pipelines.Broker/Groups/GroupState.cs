namespace Pipelines.Broker.Groups;

/// <summary>What a group is about.</summary>
/// <remarks>
/// Empty => PreparingRebalance: a member joined. PreparingRebalance => CompletingRebalance: all members joined or their time was over, a generation begins;
/// => Empty: none is left. CompletingRebalance => Stable: the leader's assignment is durable. CompletingRebalance, Stable => PreparingRebalance: a member
/// came, went or changed. Empty => Dead: the group was deleted.
/// </remarks>
public enum GroupState
{
    /// <summary>No members; offsets perhaps.</summary>
    Empty = 0,

    /// <summary>Members have to join again.</summary>
    PreparingRebalance = 1,

    /// <summary>A generation has begun and waits for its leader's assignment.</summary>
    CompletingRebalance = 2,

    /// <summary>Every member has its assignment.</summary>
    Stable = 3,

    /// <summary>There is no such group.</summary>
    Dead = 4,
}
