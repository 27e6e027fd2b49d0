using System.Globalization;
using Pipelines.Broker.Log;

namespace Pipelines.Soak.Brokers;

/// <summary>A copy of a record, and where it comes from.</summary>
/// <param name="Source">The partition that it was read from.</param>
/// <param name="Offset">Where it was.</param>
/// <param name="Value">What it was.</param>
internal readonly record struct Copied(TopicPartition Source, long Offset, string Value)
{
    /// <summary>What is written of it, after the writer's name for the value.</summary>
    internal static string Text(TopicPartition source, long offset, string value) => string.Create(CultureInfo.InvariantCulture, $"={source.Topic}/{source.Partition}@{offset}={value}");

    /// <summary>Reads it from what was written; false when that is no copy.</summary>
    internal static bool TryRead(string written, out Copied copied)
    {
        copied = default;
        string[] parts = written.Split('=', 3);
        if (parts.Length < 3 || parts[1].Split('/', '@') is not [string topic, string partition, string offset]) return false;
        if (!int.TryParse(partition, CultureInfo.InvariantCulture, out int index) || !long.TryParse(offset, CultureInfo.InvariantCulture, out long at)) return false;
        copied = new Copied(new TopicPartition(topic, index), at, parts[2]);
        return true;
    }
}
