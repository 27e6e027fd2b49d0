using Pipelines.Runtime.Brokers;

namespace Pipelines.Kafka;

/// <summary>What a leader gives a member.</summary>
/// <param name="Partitions">The partitions.</param>
/// <param name="TopicSets">What the leader was told that the member reads together; null when it does not say.</param>
internal sealed record GroupAssignment(IReadOnlyList<PartitionId> Partitions, IReadOnlyList<IReadOnlyList<string>>? TopicSets)
{
    /// <summary>True when it was made for a member that reads these topics together.</summary>
    internal bool IsFor(IReadOnlyList<IReadOnlyList<string>> sets) => TopicSets is not null && Ordered(TopicSets).SequenceEqual(Ordered(sets), StringComparer.Ordinal);

    /// <summary>The sets in an order that does not depend on who wrote them; topics have no commas in their names.</summary>
    internal static IEnumerable<string> Ordered(IReadOnlyList<IReadOnlyList<string>> sets) =>
        sets.Select(static set => string.Join(',', set.Order(StringComparer.Ordinal))).Order(StringComparer.Ordinal);
}
