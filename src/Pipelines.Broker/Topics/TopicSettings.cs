using System.Globalization;

namespace Pipelines.Broker.Topics;

/// <summary>The settings that topics can have. Names, defaults and bounds are Kafka's.</summary>
/// <remarks>Source: Apache Kafka's documentation, topic configs. Remote storage is left out: its settings are refused as unknown.</remarks>
public static class TopicSettings
{
    internal const string CleanupPolicy = "cleanup.policy";
    internal const string DeleteRetentionMs = "delete.retention.ms";
    internal const string MaxCompactionLagMs = "max.compaction.lag.ms";
    internal const string MaxMessageBytes = "max.message.bytes";
    internal const string TimestampAfterMaxMs = "message.timestamp.after.max.ms";
    internal const string TimestampBeforeMaxMs = "message.timestamp.before.max.ms";
    internal const string TimestampType = "message.timestamp.type";
    internal const string MinCleanableRatio = "min.cleanable.dirty.ratio";
    internal const string MinCompactionLagMs = "min.compaction.lag.ms";
    internal const string RetentionBytes = "retention.bytes";
    internal const string RetentionMs = "retention.ms";
    internal const string SegmentBytes = "segment.bytes";
    internal const string SegmentMs = "segment.ms";
    internal const string Compact = "compact";
    internal const string Delete = "delete";
    internal const string LogAppendTime = "LogAppendTime";

    private const string Never = "9223372036854775807";
    private const string HasNoEffect = "Taken, so that tools can give it; has no effect here: ";

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        new(CleanupPolicy, SettingType.List, Delete, "What is done with old segments: deleted by time and size, compacted to the last record of each key, or both.") { Allowed = [Compact, Delete], BrokerName = "log.cleanup.policy" },
        new("compression.gzip.level", SettingType.Int32, "-1", HasNoEffect + "batches are kept as their producer compressed them.") { BrokerName = "compression.gzip.level" },
        new("compression.lz4.level", SettingType.Int32, "9", HasNoEffect + "batches are kept as their producer compressed them.") { BrokerName = "compression.lz4.level" },
        new("compression.type", SettingType.Text, "producer", "How batches are compressed: as their producer did it. The other codecs are taken and have no effect here.") { Allowed = ["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"], BrokerName = "compression.type" },
        new("compression.zstd.level", SettingType.Int32, "3", HasNoEffect + "batches are kept as their producer compressed them.") { BrokerName = "compression.zstd.level" },
        new(DeleteRetentionMs, SettingType.Int64, "86400000", "How long tombstones and the markers of transactions are kept in a compacted topic, for consumers to see them; in milliseconds.") { Least = 0, BrokerName = "log.cleaner.delete.retention.ms" },
        new("file.delete.delay.ms", SettingType.Int64, "60000", HasNoEffect + "a segment's file is deleted when nobody reads it any more.") { Least = 0, BrokerName = "log.segment.delete.delay.ms" },
        new("flush.messages", SettingType.Int64, Never, HasNoEffect + "whether acknowledged records are on the disk is the broker's --durability.") { Least = 1, BrokerName = "log.flush.interval.messages" },
        new("flush.ms", SettingType.Int64, Never, HasNoEffect + "whether acknowledged records are on the disk is the broker's --durability.") { Least = 0, BrokerName = "log.flush.interval.ms" },
        new("follower.replication.throttled.replicas", SettingType.List, "", HasNoEffect + "there is one broker."),
        new("index.interval.bytes", SettingType.Int32, "4096", HasNoEffect + "indexes are kept by the engine.") { Least = 0, BrokerName = "log.index.interval.bytes" },
        new("leader.replication.throttled.replicas", SettingType.List, "", HasNoEffect + "there is one broker."),
        new(MaxCompactionLagMs, SettingType.Int64, Never, "A record is compacted when it is that old, however little there is to gain; in milliseconds.") { Least = 1, BrokerName = "log.cleaner.max.compaction.lag.ms" },
        new(MaxMessageBytes, SettingType.Int32, "1048588", "The largest batch that is taken, in bytes as it is sent.") { Least = 0, BrokerName = "message.max.bytes" },
        new(TimestampAfterMaxMs, SettingType.Int64, "3600000", "How far a record's time may be ahead of the broker's clock; in milliseconds.") { Least = 0, BrokerName = "log.message.timestamp.after.max.ms" },
        new(TimestampBeforeMaxMs, SettingType.Int64, Never, "How far a record's time may be behind the broker's clock; in milliseconds.") { Least = 0, BrokerName = "log.message.timestamp.before.max.ms" },
        new(TimestampType, SettingType.Text, "CreateTime", "Whether a record has the time that its producer gave it, or the time at which it was appended.") { Allowed = ["CreateTime", LogAppendTime], BrokerName = "log.message.timestamp.type" },
        new(MinCleanableRatio, SettingType.Double, "0.5", "The share of a compacted log that has to be new before it is compacted again.") { Least = 0, Most = 1, BrokerName = "log.cleaner.min.cleanable.ratio" },
        new(MinCompactionLagMs, SettingType.Int64, "0", "A record is not compacted before it is that old; in milliseconds.") { Least = 0, BrokerName = "log.cleaner.min.compaction.lag.ms" },
        new("min.insync.replicas", SettingType.Int32, "1", HasNoEffect + "there is one broker.") { Least = 1, BrokerName = "min.insync.replicas" },
        new("preallocate", SettingType.Boolean, "false", HasNoEffect + "segments grow as they are written.") { BrokerName = "log.preallocate" },
        new(RetentionBytes, SettingType.Int64, "-1", "The size beyond which the oldest segments of a partition are deleted; -1 for no bound.") { Least = -1, BrokerName = "log.retention.bytes" },
        new(RetentionMs, SettingType.Int64, "604800000", "A segment is deleted when its latest record, and its writing too, are that long ago; -1 to keep all; in milliseconds.") { Least = -1, BrokerName = "log.retention.ms" },
        new(SegmentBytes, SettingType.Int32, "1073741824", "A segment is closed before it would grow beyond this.") { Least = 14, BrokerName = "log.segment.bytes" },
        new("segment.index.bytes", SettingType.Int32, "10485760", HasNoEffect + "indexes are kept by the engine.") { Least = 4, BrokerName = "log.index.size.max.bytes" },
        new("segment.jitter.ms", SettingType.Int64, "0", HasNoEffect + "segments are closed by their own age.") { Least = 0, BrokerName = "log.roll.jitter.ms" },
        new(SegmentMs, SettingType.Int64, "604800000", "A segment is closed by the first append after so long; in milliseconds.") { Least = 1, BrokerName = "log.roll.ms" },
        new("unclean.leader.election.enable", SettingType.Boolean, "false", HasNoEffect + "there is one broker.") { BrokerName = "unclean.leader.election.enable" },
    ];

    /// <summary>Each setting with the value that it has in Kafka when nobody gives one.</summary>
    public static IReadOnlyDictionary<string, string> KafkaDefaults { get; } = All.ToDictionary(static setting => setting.Name, static setting => setting.Default, StringComparer.Ordinal);

    /// <summary>A setting, or null when there is none of the name.</summary>
    public static Setting? Find(string name) => All.FirstOrDefault(setting => setting.Name == name);

    /// <summary>The value that a setting has for a topic: its own, or the engine's for all topics, or Kafka's.</summary>
    internal static string ValueOf(string name, IReadOnlyDictionary<string, string> settings, EngineOptions options) =>
        settings.GetValueOrDefault(name) ?? UsualOf(name, options);

    /// <summary>The value that a setting has for a topic that gives none: the engine's for all topics, or Kafka's.</summary>
    internal static string UsualOf(string name, EngineOptions options) =>
        options.TopicDefaults.GetValueOrDefault(name) ?? name switch
        {
            SegmentBytes => options.SegmentBytes.ToString(CultureInfo.InvariantCulture),
            MaxMessageBytes => options.MaxBatchBytes.ToString(CultureInfo.InvariantCulture),
            RetentionMs => "-1",
            TimestampAfterMaxMs => Never,
            _ => KafkaDefaults[name],
        };

    /// <summary>What is wrong with some settings, and what to do about it; null when all are right.</summary>
    public static string? FindMistake(IReadOnlyDictionary<string, string> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        foreach ((string name, string value) in settings)
        {
            if (Find(name) is not { } setting) return $"'{name}' is no setting of a topic. Correct it, or leave it out.";
            if (setting.FindMistake(value) is { } mistake) return mistake;
        }

        return null;
    }
}
