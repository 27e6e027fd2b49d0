using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Pipelines.Execution;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Runtime;

/// <summary>Warns, once per topic, of records that the topic's retention deletes as soon as it looks, since their event times are older than that.</summary>
/// <remarks>
/// Apache Kafka deletes a segment when its latest record's time is older than the retention, and looks every five minutes. Records of the last segment.ms before that may still lie
/// with younger ones, so of those that are read only older ones are sure to have been written late.
/// </remarks>
internal sealed class AgeWatch(ILogger logger, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, TopicPolicy> policies = new(StringComparer.Ordinal);

    /// <summary>Watches a topic, if it deletes by the records' own times.</summary>
    internal void Add(string topic, TopicPolicy policy)
    {
        if (policy is { Retention: not null, HasAppendTime: false, CountsEventTime: true }) policies[topic] = policy;
    }

    /// <summary>Looks at records that are about to be written.</summary>
    internal void Written(string topic, RecordBuffer records)
    {
        if (!policies.TryGetValue(topic, out TopicPolicy? policy)) return;
        // Times mostly rise, so the first batch has the oldest.
        Check(topic, policy, policy.Retention!.Value, records.Batches[0].MaxTimestamp, "written to");
    }

    /// <summary>Looks at records that were read.</summary>
    internal void Read(RecordBatch batch)
    {
        if (batch.Count == 0 || !policies.TryGetValue(batch.Topic, out TopicPolicy? policy)) return;
        Check(batch.Topic, policy, policy.Retention!.Value + policy.Segment, batch.Entries[batch.Count - 1].Timestamp, "read from");
    }

    private void Check(string topic, TopicPolicy policy, TimeSpan bound, long timestampMs, string how)
    {
        TimeSpan age = TimeSpan.FromMilliseconds(Math.Max(0, clock.GetUtcNow().ToUnixTimeMilliseconds() - Math.Max(0, timestampMs)));
        if (age <= bound || !policies.TryRemove(topic, out _)) return;
        string time = DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(0, timestampMs)).ToString("u", CultureInfo.InvariantCulture);
        WorkerLog.TooOld(logger, topic, TopicChecks.Words(policy.Retention!.Value), TopicChecks.Ms(policy.Retention.Value), how, time, TopicChecks.Words(age), TopicChecks.Mend(topic, "retention.ms=-1"));
    }
}
