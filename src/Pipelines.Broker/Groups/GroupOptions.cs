namespace Pipelines.Broker.Groups;

/// <summary>What a group's members may ask for, and how patient the coordinator is.</summary>
public sealed class GroupOptions
{
    /// <summary>The shortest session time-out that a member may ask for (Kafka: <c>group.min.session.timeout.ms</c>).</summary>
    public TimeSpan MinSessionTimeout { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>The longest (Kafka: <c>group.max.session.timeout.ms</c>).</summary>
    public TimeSpan MaxSessionTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// How long the first generation of an empty group waits for further members; each that comes makes it wait so long again, up to the rebalance time-out
    /// (Kafka: <c>group.initial.rebalance.delay.ms</c>, 3 s). Zero does not wait.
    /// </summary>
    public TimeSpan InitialRebalanceDelay { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How long a new member that nobody has heard of since it joined is waited for, while a generation takes long to begin (KAFKA-7610).</summary>
    public TimeSpan NewMemberTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The most members of a group (Kafka: <c>group.max.size</c>).</summary>
    public int MaxSize { get; init; } = 10_000;

    /// <summary>The most ids of a group that were handed out and not used yet.</summary>
    public int MaxPendingMembers { get; init; } = 10_000;

    /// <summary>How often empty groups without offsets are looked for and forgotten (Kafka: <c>offsets.retention.check.interval.ms</c>).</summary>
    public TimeSpan CleanupInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Where a member's id gets what makes it unlike all others.</summary>
    public Func<Guid> NewId { get; init; } = Guid.NewGuid;
}
