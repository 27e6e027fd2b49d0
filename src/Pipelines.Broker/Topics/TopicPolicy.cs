using System.Globalization;

namespace Pipelines.Broker.Topics;

/// <summary>A topic's settings as the log uses them.</summary>
internal sealed class TopicPolicy
{
    private TopicPolicy(IReadOnlyDictionary<string, string> settings, EngineOptions options)
    {
        string Find(string name) => TopicSettings.ValueOf(name, settings, options);
        long Number(string name) => long.Parse(Find(name), CultureInfo.InvariantCulture);

        IReadOnlyList<string> cleanup = Setting.Split(Find(TopicSettings.CleanupPolicy));
        IsCompacted = cleanup.Contains(TopicSettings.Compact, StringComparer.Ordinal);
        IsDeleted = cleanup.Contains(TopicSettings.Delete, StringComparer.Ordinal);
        SegmentBytes = Number(TopicSettings.SegmentBytes);
        SegmentMs = Number(TopicSettings.SegmentMs);
        MaxMessageBytes = (int)Number(TopicSettings.MaxMessageBytes);
        RetentionMs = Number(TopicSettings.RetentionMs);
        RetentionBytes = Number(TopicSettings.RetentionBytes);
        UsesAppendTime = Find(TopicSettings.TimestampType) == TopicSettings.LogAppendTime;
        MaxBehindMs = Number(TopicSettings.TimestampBeforeMaxMs);
        MaxAheadMs = Number(TopicSettings.TimestampAfterMaxMs);
        MinCompactionLagMs = Number(TopicSettings.MinCompactionLagMs);
        MaxCompactionLagMs = Number(TopicSettings.MaxCompactionLagMs);
        DeleteRetentionMs = Number(TopicSettings.DeleteRetentionMs);
        MinCleanableRatio = double.Parse(Find(TopicSettings.MinCleanableRatio), CultureInfo.InvariantCulture);
    }

    /// <summary>True when only the last record of each key is kept.</summary>
    internal bool IsCompacted { get; }

    /// <summary>True when old segments are deleted by time and size.</summary>
    internal bool IsDeleted { get; }

    internal long SegmentBytes { get; }

    /// <summary>The age at which a segment is closed.</summary>
    internal long SegmentMs { get; }

    internal int MaxMessageBytes { get; }

    /// <summary>How long records are kept; -1 for ever.</summary>
    internal long RetentionMs { get; }

    /// <summary>The size that is kept; -1 for all.</summary>
    internal long RetentionBytes { get; }

    /// <summary>True when records have the time at which they were appended.</summary>
    internal bool UsesAppendTime { get; }

    internal long MaxBehindMs { get; }

    internal long MaxAheadMs { get; }

    internal long MinCompactionLagMs { get; }

    internal long MaxCompactionLagMs { get; }

    /// <summary>How long tombstones and markers stay in a compacted log.</summary>
    internal long DeleteRetentionMs { get; }

    internal double MinCleanableRatio { get; }

    /// <param name="settings">The topic's settings, all of them right.</param>
    /// <param name="options">What holds for settings that are not among them.</param>
    internal static TopicPolicy Of(IReadOnlyDictionary<string, string> settings, EngineOptions options) => new(settings, options);
}
