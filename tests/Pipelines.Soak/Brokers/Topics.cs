using Pipelines.Broker.Log;

namespace Pipelines.Soak.Brokers;

/// <summary>The topics of a round.</summary>
internal static class Topics
{
    /// <summary>Written to by idempotent producers.</summary>
    internal const string Plain = "plain";

    /// <summary>Written to in transactions.</summary>
    internal const string Bank = "bank";

    /// <summary>Written to by the members of a group, which read the two others.</summary>
    internal const string Copy = "copy";

    internal const int Partitions = 3;

    internal static IReadOnlyList<string> Names { get; } = [Plain, Bank, Copy];

    internal static IEnumerable<TopicPartition> All => Names.SelectMany(Of);

    /// <summary>What is copied.</summary>
    internal static IReadOnlyList<TopicPartition> Sources { get; } = [.. Of(Plain), .. Of(Bank)];

    /// <summary>Some partitions of the bank.</summary>
    internal static IEnumerable<TopicPartition> Places(Random random, int count) =>
        Enumerable.Range(0, Partitions).OrderBy(_ => random.Next()).Take(count).Select(static partition => new TopicPartition(Bank, partition)).ToArray();

    private static IEnumerable<TopicPartition> Of(string topic) => Enumerable.Range(0, Partitions).Select(partition => new TopicPartition(topic, partition));
}
