namespace Pipelines.Runtime.Brokers;

/// <summary>A partition of a topic.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition's number.</param>
public readonly record struct PartitionId(string Topic, int Partition);

/// <summary>What a member of a group wants to share.</summary>
/// <param name="Group">The group.</param>
/// <param name="TopicSets">Topics that are read together: one member gets the same partition number of all topics of a set.</param>
public sealed record GroupSubscription(string Group, IReadOnlyList<IReadOnlyList<string>> TopicSets);

/// <summary>One process in a group that shares partitions among its members.</summary>
/// <remarks>
/// Out => In: <see cref="JoinAsync"/> gave partitions. In => Rebalancing => In: <see cref="ChangedAsync"/> said that the members change; the member keeps what it
/// holds, and is given nothing that another has not released yet. Any => Lost: it was not heard of for its session's time-out, or another took its name; it drops what it holds
/// and joins with nothing.
/// </remarks>
public interface IGroupMember : IAsyncDisposable
{
    /// <summary>Unlike that of any other process of the group at the same time, and the same again after a restart if the member is a static one (KIP-345).</summary>
    string Name { get; }

    /// <summary>Joins the group's next generation, or the first.</summary>
    /// <param name="held">What the member holds now. Nobody else gets any of it before the member has joined without it.</param>
    /// <returns>
    /// What the member is to hold: it releases what is not among it, by committing what is ready and joining again. Null when it was lost: it must drop what it holds and join with nothing.
    /// </returns>
    /// <exception cref="BrokerException">The group cannot be joined.</exception>
    ValueTask<IReadOnlyList<PartitionId>?> JoinAsync(IReadOnlyCollection<PartitionId> held);

    /// <summary>Waits until the member has to join again.</summary>
    /// <returns><see langword="false"/> when it was lost: it must drop what it holds before it joins.</returns>
    /// <exception cref="BrokerException">The member's name was taken by another process for good.</exception>
    ValueTask<bool> ChangedAsync();

    /// <summary>A commit was refused because the group went on without the member: <see cref="ChangedAsync"/> answers.</summary>
    void Lose();

    /// <summary>Leaves the group, unless the member is a static one, which may come back. Waiting calls end.</summary>
    ValueTask LeaveAsync();
}
