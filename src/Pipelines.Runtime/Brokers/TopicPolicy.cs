using System.Globalization;

namespace Pipelines.Runtime.Brokers;

/// <summary>How long a topic keeps its records, and what it does with their times; as far as a pipeline depends on it.</summary>
/// <remarks>Names and meanings are those of Apache Kafka's topic configs.</remarks>
public sealed record TopicPolicy
{
    private const string CleanupPolicy = "cleanup.policy";
    private const string RetentionMs = "retention.ms";
    private const string RetentionBytesName = "retention.bytes";
    private const string SegmentMs = "segment.ms";
    private const string TimestampType = "message.timestamp.type";
    private const string OldestMs = "message.timestamp.before.max.ms";
    private const string NewestMs = "message.timestamp.after.max.ms";
    private const string DifferenceMs = "message.timestamp.difference.max.ms";
    private const string Forever = "-1";
    private const string Never = "9223372036854775807";

    /// <summary>The settings that it is read from.</summary>
    public static IReadOnlyList<string> Settings { get; } = [CleanupPolicy, RetentionMs, RetentionBytesName, SegmentMs, TimestampType, OldestMs, DifferenceMs];

    /// <summary>True when a record replaces the earlier one of its key.</summary>
    public bool IsCompacted { get; init; }

    /// <summary>How old records may become; null when they may stay for ever.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>How large a partition may become; null when it may grow for ever.</summary>
    public long? RetentionBytes { get; init; }

    /// <summary>The span of time that records which are deleted together have at most.</summary>
    public TimeSpan Segment { get; init; }

    /// <summary>True when the broker puts its own time into records, in place of the event time.</summary>
    public bool HasAppendTime { get; init; }

    /// <summary>How far behind the broker's clock a record's time may be; null for any.</summary>
    public TimeSpan? OldestTaken { get; init; }

    /// <summary>The setting that says so.</summary>
    public string OldestSetting { get; init; } = OldestMs;

    /// <summary>True when the age of a record is that of its own time, however lately it was written: so it is on Apache Kafka.</summary>
    public bool CountsEventTime { get; init; } = true;

    /// <summary>The settings of topics that the pipeline makes: records stay, whatever their times are, unless a later one of their key replaces them.</summary>
    /// <remarks>All that matters is given, for a cluster may have other usual values.</remarks>
    /// <param name="isCompacted">Whether a record replaces the earlier one of its key.</param>
    /// <param name="isOldCluster">True before Kafka 3.6, where one setting bounds how far times are from the clock, and the two that came then are not known (KIP-937).</param>
    public static IReadOnlyDictionary<string, string> ToKeep(bool isCompacted, bool isOldCluster = false)
    {
        var settings = new Dictionary<string, string>
        {
            [CleanupPolicy] = isCompacted ? "compact" : "delete",
            [RetentionMs] = Forever,
            [RetentionBytesName] = Forever,
            [TimestampType] = "CreateTime",
        };
        foreach (string bound in (ReadOnlySpan<string>)(isOldCluster ? [DifferenceMs] : [OldestMs, NewestMs])) settings[bound] = Never;
        return settings;
    }

    /// <summary>Reads settings; those that are missing count as not set.</summary>
    public static TopicPolicy Read(IReadOnlyDictionary<string, string> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        string[] policies = settings.GetValueOrDefault(CleanupPolicy, "").Split(',', StringSplitOptions.TrimEntries);
        bool deletes = policies.Contains("delete", StringComparer.OrdinalIgnoreCase);
        return new TopicPolicy
        {
            IsCompacted = policies.Contains("compact", StringComparer.OrdinalIgnoreCase),
            Retention = deletes ? Span(settings, RetentionMs) : null,
            RetentionBytes = deletes ? Number(settings, RetentionBytesName) : null,
            Segment = Span(settings, SegmentMs) ?? TimeSpan.Zero,
            HasAppendTime = settings.GetValueOrDefault(TimestampType) == "LogAppendTime",
            // Kafka 3.6 to 3.9 have both, and the former one holds where the newer is not set.
            OldestTaken = Span(settings, OldestMs) ?? Span(settings, DifferenceMs),
            OldestSetting = Span(settings, OldestMs) is null && Span(settings, DifferenceMs) is not null ? DifferenceMs : OldestMs,
        };
    }

    private static TimeSpan? Span(IReadOnlyDictionary<string, string> settings, string name) =>
        Number(settings, name) is { } ms && ms <= TimeSpan.MaxValue.TotalMilliseconds ? TimeSpan.FromMilliseconds(ms) : null;

    private static long? Number(IReadOnlyDictionary<string, string> settings, string name) =>
        long.TryParse(settings.GetValueOrDefault(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= 0 ? value : null;
}
