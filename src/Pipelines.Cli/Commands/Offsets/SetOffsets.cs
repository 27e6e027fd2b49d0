using System.CommandLine;
using System.Globalization;
using Pipelines.Broker.Log;
using Pipelines.Cli.Arguments;
using Pipelines.Cli.Cluster;

namespace Pipelines.Cli.Commands.Offsets;

/// <summary><c>pipelines offsets set</c>: exactly these.</summary>
internal static class SetOffsets
{
    internal static Command Create(CommandHost host)
    {
        Option<string> group = OffsetsCommand.GroupOption();
        Option<bool> dryRun = OffsetMoves.DryRunOption();
        var offsets = new Argument<string[]>("offsets") { Description = "Partitions and the offsets to read next.", HelpName = "TOPIC:N=OFFSET", Arity = ArgumentArity.OneOrMore };
        var command = new Command("set", "Commits exactly the offsets that are given. The group must have no members.") { group, offsets, dryRun };
        return host.Complete(
            command,
            (parsed, session) => SetAsync(session, parsed.GetValue(group)!, parsed.GetValue(offsets)!, parsed.GetValue(dryRun)),
            "pipelines offsets set --group billing orders:0=1200 orders:1=1180");
    }

    private static async Task SetAsync(Session session, string group, string[] texts, bool isDry)
    {
        var wanted = new Dictionary<TopicPartition, long>();
        foreach (string text in texts)
        {
            int equals = text.LastIndexOf('=');
            if (equals <= 0 || !long.TryParse(text.AsSpan(equals + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long offset) || Partitions.Parse(text[..equals]) is not { Numbers: [var number] } parsed)
                throw new UsageException($"'{text}' is no offset of a partition. Write TOPIC:N=OFFSET, such as orders:0=1200.");
            wanted[new(parsed.Topic, number)] = offset;
        }

        TopicView topics = await TopicView.OfAsync(session, wanted.Keys.Select(static partition => partition.Topic));
        Dictionary<TopicPartition, long> starts = await topics.OffsetsAsync(wanted.Keys, TopicView.Earliest);
        Dictionary<TopicPartition, long> ends = await topics.OffsetsAsync(wanted.Keys, TopicView.Latest);
        foreach ((TopicPartition partition, long offset) in wanted)
        {
            if (offset < starts[partition] || offset > ends[partition])
                throw new CommandException($"Partition {partition.Partition} of '{partition.Topic}' has offsets {starts[partition]} to {ends[partition]}, not {offset}. Readers would begin elsewhere; choose one within.");
        }

        await OffsetMoves.ApplyAsync(session, group, wanted, isDry);
    }
}
