namespace Pipelines.Broker.Groups;

/// <summary>The settings that groups can have. Names, defaults and bounds are Kafka's.</summary>
/// <remarks>
/// Source: Apache Kafka 4.3, group configs (KIP-848, KIP-932, KIP-1071). They are about the newer group protocols, which this broker does not speak: members of classic groups bring
/// their time-outs themselves. They are kept and told, since tools and programs set them before they know which protocol they will use.
/// </remarks>
public static class GroupSettings
{
    private const string HasNoEffect = "Taken, so that tools can give it; has no effect here: members of classic groups bring their own. ";

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Number("consumer.assignment.interval.ms", 1000, 0, "The time between assignments of a consumer group."),
        Number("consumer.heartbeat.interval.ms", 5000, 1, "The time between heartbeats of a consumer group's members."),
        Number("consumer.session.timeout.ms", 45000, 1, "After how long a silent member of a consumer group counts as gone."),
        Number("share.assignment.interval.ms", 1000, 0, "The time between assignments of a share group."),
        new("share.auto.offset.reset", SettingType.Text, "latest", HasNoEffect + "Where a share group begins."),
        Number("share.delivery.count.limit", 5, 2, "How often a record is delivered to a share group."),
        Number("share.heartbeat.interval.ms", 5000, 1, "The time between heartbeats of a share group's members."),
        new("share.isolation.level", SettingType.Text, "read_uncommitted", HasNoEffect + "Whether a share group is given uncommitted records.") { Allowed = ["read_committed", "read_uncommitted"] },
        Number("share.partition.max.record.locks", 2000, 100, "How many records of a partition a share group may hold."),
        Number("share.record.lock.duration.ms", 30000, 1000, "How long a member of a share group holds a record."),
        new("share.renew.acknowledge.enable", SettingType.Boolean, "true", HasNoEffect + "Whether a member of a share group may hold a record for longer."),
        Number("share.session.timeout.ms", 45000, 1, "After how long a silent member of a share group counts as gone."),
        Number("streams.assignment.interval.ms", 1000, 0, "The time between assignments of a streams group."),
        Number("streams.heartbeat.interval.ms", 5000, 1, "The time between heartbeats of a streams group's members."),
        Number("streams.initial.rebalance.delay.ms", 3000, 0, "How long a new streams group waits for more members."),
        Number("streams.num.standby.replicas", 0, 0, "How many standby tasks each task of a streams group has."),
        Number("streams.session.timeout.ms", 45000, 1, "After how long a silent member of a streams group counts as gone."),
    ];

    /// <summary>A setting, or null when there is none of the name.</summary>
    public static Setting? Find(string name) => All.FirstOrDefault(setting => setting.Name == name);

    private static Setting Number(string name, int usual, int least, string documentation) =>
        new(name, SettingType.Int32, usual.ToString(System.Globalization.CultureInfo.InvariantCulture), HasNoEffect + documentation) { Least = least };
}
