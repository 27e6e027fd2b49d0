using Pipelines.Broker.Log;

namespace Pipelines.Cli.Cluster;

/// <summary>How far behind a group is.</summary>
internal static class GroupLag
{
    /// <summary>Where partitions end; those of topics that are gone are left out.</summary>
    internal static async Task<Dictionary<TopicPartition, long>> EndsAsync(Session session, IReadOnlyCollection<TopicPartition> partitions)
    {
        if (partitions.Count == 0) return [];
        TopicView topics = await TopicView.AllAsync(session);
        return await topics.OffsetsAsync(partitions.Where(topics.Has), TopicView.Latest);
    }

    /// <summary>Records between the committed offset and the end, aborted ones and markers included; null when one is not known.</summary>
    internal static long? Of(long? committed, long? end) => end - committed is { } lag ? Math.Max(0, lag) : null;
}
