using System.Globalization;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Runtime;

/// <summary>What is wrong with how a topic of the pipeline's own keeps its records, and the command that mends it.</summary>
internal static class TopicChecks
{
    /// <summary>Why the pipeline cannot work with a topic that state or progress is restored from; null when it can.</summary>
    internal static string? FindMistakeOfLog(string topic, TopicPolicy policy)
    {
        if (!policy.IsCompacted)
            return $"Topic '{topic}' has cleanup.policy=delete, but it is read back at every start and has to keep the last record of each key. {Mend(topic, "cleanup.policy=compact")}";
        return Loss(policy) is { } loss
            ? $"Topic '{topic}' has cleanup.policy=compact,delete and {loss}, but it is read back at every start and may lose nothing. {Mend(topic, "cleanup.policy=compact")}"
            : null;
    }

    /// <summary>Why the pipeline cannot work with a topic that it passes records through to itself; null when it can.</summary>
    internal static string? FindMistakeOfPassage(string topic, TopicPolicy policy)
    {
        if (policy.IsCompacted)
            return $"Topic '{topic}' has cleanup.policy=compact, but every record in it counts, and of those with one key all but the last would go. {Mend(topic, "cleanup.policy=delete", "retention.ms=-1")}";
        return policy.HasAppendTime
            ? $"Topic '{topic}' has message.timestamp.type=LogAppendTime, so the broker writes its own time over the event times in it. {Mend(topic, "message.timestamp.type=CreateTime")}"
            : null;
    }

    /// <summary>What may be lost on the way, sooner or later; null when nothing is.</summary>
    internal static string? FindRiskOfPassage(string topic, TopicPolicy policy)
    {
        if (Loss(policy) is { } loss)
            return $"Topic '{topic}' has {loss}, so records may be deleted before they are handled{(policy.CountsEventTime ? ": within minutes, where event times are old" : "")}. {Mend(topic, "retention.ms=-1", "retention.bytes=-1")}";
        return policy.OldestTaken is { } oldest
            ? $"Topic '{topic}' takes no record whose time is more than {Words(oldest)} ago ({policy.OldestSetting}={Ms(oldest)}), so older event times end the worker. {Mend(topic, $"{policy.OldestSetting}=9223372036854775807")}"
            : null;
    }

    /// <summary>A command that changes settings of a topic, as a sentence.</summary>
    internal static string Mend(string topic, params IEnumerable<string> settings) => $"Run: pipelines topics alter {topic} {string.Join(' ', settings.Select(static setting => $"--set {setting}"))}";

    /// <summary>A span of time for people.</summary>
    internal static string Words(TimeSpan span) => span switch
    {
        { TotalDays: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0.#} days"),
        { TotalHours: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0.#} hours"),
        { TotalMinutes: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0.#} minutes"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.###} seconds"),
    };

    /// <summary>A span of time as settings have it.</summary>
    internal static string Ms(TimeSpan span) => span.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture);

    private static string? Loss(TopicPolicy policy)
    {
        if (policy.Retention is { } time) return $"retention.ms={Ms(time)} ({Words(time)})";
        return policy.RetentionBytes is { } bytes ? string.Create(CultureInfo.InvariantCulture, $"retention.bytes={bytes}") : null;
    }
}
