using Pipelines.Broker.Log;

namespace Pipelines.Soak.Brokers;

/// <summary>The topics of a round.</summary>
internal static class Topics
{
    /// <summary>Written to by idempotent producers.</summary>
    internal const string Plain = "plain";

    /// <summary>Written to in transactions.</summary>
    internal const string Bank = "bank";

    internal const int Partitions = 3;

    internal static IEnumerable<TopicPartition> All => from topic in (string[])[Plain, Bank] from partition in Enumerable.Range(0, Partitions) select new TopicPartition(topic, partition);

    /// <summary>Some partitions of the bank.</summary>
    internal static IEnumerable<TopicPartition> Places(Random random, int count) =>
        Enumerable.Range(0, Partitions).OrderBy(_ => random.Next()).Take(count).Select(static partition => new TopicPartition(Bank, partition)).ToArray();
}
