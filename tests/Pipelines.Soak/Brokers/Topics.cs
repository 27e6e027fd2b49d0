using System.Globalization;
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

    /// <summary>Written to under keys, and compacted: of each key the last record stays.</summary>
    internal const string Keyed = "keyed";

    internal const int Partitions = 3;

    internal static IReadOnlyList<string> Names { get; } = [Plain, Bank, Copy, Keyed];

    internal static IEnumerable<TopicPartition> All => Names.SelectMany(Of);

    /// <summary>Those that keep every record.</summary>
    internal static IEnumerable<TopicPartition> Whole => All.Where(static one => one.Topic != Keyed);

    internal static IEnumerable<TopicPartition> Compacted => Of(Keyed);

    /// <summary>The settings of a topic. Small segments are closed, and compacted, all the time.</summary>
    internal static Dictionary<string, string> Settings(string topic)
    {
        var settings = new Dictionary<string, string> { ["max.message.bytes"] = "8388608" };
        if (topic != Keyed) return settings;
        settings["cleanup.policy"] = "compact";
        settings["segment.bytes"] = "1500";
        settings["min.cleanable.dirty.ratio"] = "0";
        settings["delete.retention.ms"] = KeyedLedger.RetentionMs.ToString(CultureInfo.InvariantCulture);
        return settings;
    }

    /// <summary>What is copied.</summary>
    internal static IReadOnlyList<TopicPartition> Sources { get; } = [.. Of(Plain), .. Of(Bank)];

    /// <summary>Some partitions of the bank.</summary>
    internal static IEnumerable<TopicPartition> Places(Random random, int count) =>
        Enumerable.Range(0, Partitions).OrderBy(_ => random.Next()).Take(count).Select(static partition => new TopicPartition(Bank, partition)).ToArray();

    private static IEnumerable<TopicPartition> Of(string topic) => Enumerable.Range(0, Partitions).Select(partition => new TopicPartition(topic, partition));
}
