using Pipelines.Broker.Log;
using Pipelines.Cli.Cluster;
using Pipelines.Cli.Output;

namespace Pipelines.Cli.Commands.Offsets;

/// <summary>Moves committed offsets of a group that has no members, or shows how they would move.</summary>
internal static class OffsetMoves
{
    /// <summary>The option that shows without doing.</summary>
    internal static System.CommandLine.Option<bool> DryRunOption() => new("--dry-run") { Description = "Show what would be committed." };

    /// <summary>Commits offsets and shows them beside the old ones.</summary>
    /// <exception cref="CommandException">The group has members.</exception>
    internal static async Task ApplyAsync(Session session, string group, IReadOnlyDictionary<TopicPartition, long> wanted, bool isDry)
    {
        await Cluster.Groups.RequireNoMembersAsync(session, group);
        SortedDictionary<TopicPartition, Committed> before = await GroupOffsets.ReadAsync(session, group);
        if (!isDry) await GroupOffsets.CommitAsync(session, group, wanted);
        Report report = session.Report("topic", "partition", "before", "after", "moved");
        foreach ((TopicPartition partition, long offset) in wanted.OrderBy(static one => one.Key.Topic, StringComparer.Ordinal).ThenBy(static one => one.Key.Partition))
        {
            long? old = before.TryGetValue(partition, out Committed found) ? found.Offset : null;
            report.Add(partition.Topic, partition.Partition, old, offset, offset - old);
        }

        report.Finish("There is nothing to move.");
        if (isDry && !session.IsJson) session.Terminal.Out.WriteLine("Nothing was committed: this is what would be.");
    }
}
