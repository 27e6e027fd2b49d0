using System.CommandLine;
using Pipelines.Broker.Log;
using Pipelines.Cli.Cluster;
using Pipelines.Cli.Output;

namespace Pipelines.Cli.Commands.Offsets;

/// <summary><c>pipelines offsets get</c>.</summary>
internal static class GetOffsets
{
    internal static Command Create(CommandHost host)
    {
        Option<string> group = OffsetsCommand.GroupOption();
        var command = new Command("get", "Shows the committed offsets of a group.") { group };
        return host.Complete(command, (parsed, session) => ShowAsync(session, parsed.GetValue(group)!), "pipelines offsets get --group billing");
    }

    private static async Task ShowAsync(Session session, string group)
    {
        SortedDictionary<TopicPartition, Committed> offsets = await GroupOffsets.ReadAsync(session, group);
        Dictionary<TopicPartition, long> ends = await GroupLag.EndsAsync(session, offsets.Keys);
        Report report = session.Report("topic", "partition", "committed", "end", "lag", "leaderEpoch", "metadata");
        foreach ((TopicPartition partition, Committed committed) in offsets)
        {
            long? end = ends.TryGetValue(partition, out long last) ? last : null;
            int? epoch = committed.LeaderEpoch >= 0 ? committed.LeaderEpoch : null;
            report.Add(partition.Topic, partition.Partition, committed.Offset, end, GroupLag.Of(committed.Offset, end), epoch, committed.Metadata is { Length: > 0 } text ? text : null);
        }

        report.Finish($"Group '{group}' has no committed offsets.");
    }
}
