using System.CommandLine;
using Pipelines.Broker.Log;
using Pipelines.Cli.Arguments;
using Pipelines.Cli.Cluster;
using Pipelines.Cli.Output;

namespace Pipelines.Cli.Commands.Offsets;

/// <summary><c>pipelines offsets delete</c>.</summary>
internal static class DeleteOffsets
{
    internal static Command Create(CommandHost host)
    {
        Option<string> group = OffsetsCommand.GroupOption();
        Option<bool> dryRun = OffsetMoves.DryRunOption();
        var topic = new Option<string[]>("--topic") { Description = "A topic, or some of its partitions. May be repeated.", HelpName = Partitions.Forms, Required = true };
        var command = new Command("delete", "Forgets committed offsets of a group that does not read the topic.") { group, topic, dryRun };
        return host.Complete(
            command,
            (parsed, session) => DeleteAsync(session, parsed.GetValue(group)!, parsed.GetValue(topic)!, parsed.GetValue(dryRun)),
            "pipelines offsets delete --group billing --topic orders");
    }

    private static async Task DeleteAsync(Session session, string group, string[] texts, bool isDry)
    {
        SortedDictionary<TopicPartition, Committed> committed = await GroupOffsets.ReadAsync(session, group);
        // By what is committed and not by what exists: the topic may be gone.
        List<(string Topic, int[] Numbers)> typed = [.. texts.Select(Partitions.Parse)];
        TopicPartition[] chosen = [.. committed.Keys.Where(partition => typed.Exists(one => one.Topic == partition.Topic && (one.Numbers.Length == 0 || one.Numbers.Contains(partition.Partition))))];
        if (chosen.Length == 0) throw new CommandException($"Group '{group}' has no committed offsets there; see 'pipelines offsets get --group {group}'.");
        if (!isDry) await GroupOffsets.DeleteAsync(session, group, chosen);
        Report report = session.Report("topic", "partition", "before");
        foreach (TopicPartition partition in chosen) report.Add(partition.Topic, partition.Partition, committed[partition].Offset);
        report.Finish();
        if (!session.IsJson) session.Terminal.Out.WriteLine(isDry ? "Nothing was deleted: this is what would be." : $"Deleted {Plural.Of(chosen.Length, "offset")}.");
    }
}
