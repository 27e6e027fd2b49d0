using System.Globalization;
using Pipelines.Broker.Log;
using Pipelines.Cli.Cluster;
using Pipelines.Cli.Output;

namespace Pipelines.Cli.Arguments;

/// <summary>A place in a log, as it is typed: <c>earliest</c>, <c>latest</c>, an offset, a time, or a duration ago.</summary>
/// <param name="Timestamp">A time in Unix milliseconds, or what stands for an end of the log; null for an offset.</param>
/// <param name="Offset">The offset.</param>
internal readonly record struct Position(long? Timestamp, long Offset)
{
    /// <summary>The forms, for help and messages.</summary>
    internal const string Forms = "earliest, latest, an offset, a time (2026-11-23T10:00:00Z) or a duration ago (5m)";

    /// <summary>The start of the log.</summary>
    internal static Position Earliest => new(TopicView.Earliest, 0);

    /// <summary>Reads a position.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    internal static Position Parse(string text, DateTimeOffset now)
    {
        if (text is "earliest" or "beginning" or "start") return Earliest;
        if (text is "latest" or "end") return new(TopicView.Latest, 0);
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long offset)) return new(null, offset);
        if (Durations.TryParse(text.TrimStart('-'), out TimeSpan ago)) return new((now - ago).ToUnixTimeMilliseconds(), 0);
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)) return new(time.ToUnixTimeMilliseconds(), 0);
        throw new UsageException($"'{text}' is no position in a log. Write {Forms}.");
    }

    /// <summary>The offsets that it means. A time after the last record means the end; an offset outside of the log its nearer end.</summary>
    internal async Task<Dictionary<TopicPartition, long>> ResolveAsync(TopicView topics, IReadOnlyCollection<TopicPartition> partitions)
    {
        if (Timestamp is TopicView.Earliest or TopicView.Latest) return await topics.OffsetsAsync(partitions, Timestamp.Value);
        Dictionary<TopicPartition, long> ends = await topics.OffsetsAsync(partitions, TopicView.Latest);
        if (Timestamp is { } timestamp)
        {
            Dictionary<TopicPartition, long> found = await topics.OffsetsAsync(partitions, timestamp);
            return partitions.ToDictionary(static partition => partition, partition => found[partition] >= 0 ? found[partition] : ends[partition]);
        }

        Dictionary<TopicPartition, long> starts = await topics.OffsetsAsync(partitions, TopicView.Earliest);
        long wanted = Offset;
        return partitions.ToDictionary(static partition => partition, partition => Math.Clamp(wanted, starts[partition], ends[partition]));
    }
}
