using System.CommandLine;
using Pipelines.Broker.Log;
using Pipelines.Cli.Arguments;
using Pipelines.Cli.Cluster;

namespace Pipelines.Cli.Commands.Offsets;

/// <summary><c>pipelines offsets reset</c>: to a position, or by a number of records.</summary>
internal static class ResetOffsets
{
    internal static Command Create(CommandHost host)
    {
        Option<string> group = OffsetsCommand.GroupOption();
        Option<bool> dryRun = OffsetMoves.DryRunOption();
        var topic = new Option<string[]>("--topic") { Description = "A topic, or some of its partitions. May be repeated. Without it, all that the group has committed.", HelpName = Partitions.Forms };
        var to = new Option<string?>("--to") { Description = $"Where to go: {Position.Forms}.", HelpName = "POSITION" };
        var shift = new Option<long?>("--shift") { Description = "How many offsets to go on, or back when negative.", HelpName = "N" };
        var command = new Command("reset", "Moves the committed offsets of a group. The group must have no members.") { group, topic, to, shift, dryRun };
        return host.Complete(
            command,
            async (parsed, session) =>
            {
                string name = parsed.GetValue(group)!;
                string? position = parsed.GetValue(to);
                long? by = parsed.GetValue(shift);
                if (position is null == by is null) throw new UsageException("Say where to go: either --to POSITION or --shift N.");
                (TopicView topics, IReadOnlyList<TopicPartition> partitions) = await ChooseAsync(session, name, parsed.GetValue(topic) ?? []);
                IReadOnlyDictionary<TopicPartition, long> wanted = by is { } records
                    ? await ShiftAsync(session, name, topics, partitions, records)
                    : await Position.Parse(position!, session.Now).ResolveAsync(topics, partitions);
                await OffsetMoves.ApplyAsync(session, name, wanted, parsed.GetValue(dryRun));
            },
            "pipelines offsets reset --group billing --topic orders --to earliest --dry-run",
            "pipelines offsets reset --group billing --to 2026-11-23T08:00:00Z",
            "pipelines offsets reset --group billing --topic orders:0,1 --shift -100");
    }

    private static async Task<(TopicView Topics, IReadOnlyList<TopicPartition> Partitions)> ChooseAsync(Session session, string group, string[] typed)
    {
        if (typed.Length > 0) return await Partitions.ResolveAsync(session, typed);
        SortedDictionary<TopicPartition, Committed> committed = await GroupOffsets.ReadAsync(session, group);
        if (committed.Count == 0) throw new CommandException($"Group '{group}' has no committed offsets to move. Name topics with --topic.");
        TopicView topics = await TopicView.AllAsync(session);
        return (topics, [.. committed.Keys.Where(topics.Has)]);
    }

    private static async Task<Dictionary<TopicPartition, long>> ShiftAsync(Session session, string group, TopicView topics, IReadOnlyList<TopicPartition> partitions, long by)
    {
        SortedDictionary<TopicPartition, Committed> committed = await GroupOffsets.ReadAsync(session, group);
        TopicPartition[] known = [.. partitions.Where(committed.ContainsKey)];
        Dictionary<TopicPartition, long> starts = await topics.OffsetsAsync(known, TopicView.Earliest);
        Dictionary<TopicPartition, long> ends = await topics.OffsetsAsync(known, TopicView.Latest);
        return known.ToDictionary(static partition => partition, partition => Math.Clamp(committed[partition].Offset + by, starts[partition], ends[partition]));
    }
}
