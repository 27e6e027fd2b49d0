using System.CommandLine;
using Pipelines.Broker.Log;
using Pipelines.Cli.Arguments;
using Pipelines.Cli.Cluster;
using Pipelines.Cli.Records;

namespace Pipelines.Cli.Commands;

/// <summary><c>pipelines consume</c>: prints records.</summary>
internal static class ConsumeCommand
{
    internal static Command Create(CommandHost host)
    {
        var topic = new Argument<string>("topic") { Description = "The topic to read." };
        var from = new Option<string>("--from") { Description = $"Where to begin: {Position.Forms}.", DefaultValueFactory = static _ => "earliest", HelpName = "POSITION" };
        var partition = new Option<int[]>("--partition") { Description = "Read only this partition. May be repeated.", HelpName = "N" };
        var max = new Option<long?>("--max") { Description = "End after so many records.", HelpName = "N" };
        var exit = new Option<bool>("--exit") { Description = "End where the log ends now; without it, wait for more until Ctrl-C." };
        var group = new Option<string?>("--group") { Description = "Begin where the group stands, and commit what was printed. The group must have no members.", HelpName = "GROUP" };
        var format = new Option<string>("--format")
        {
            Description = "How a record is printed: topic, partition, offset, timestamp, time, key, value, headers, size in braces; \\t and \\n.",
            DefaultValueFactory = static _ => RecordText.Usual,
            HelpName = "FORMAT",
        };
        var uncommitted = new Option<bool>("--uncommitted") { Description = "Show records of open and aborted transactions too." };
        var command = new Command("consume", "Prints the records of a topic.") { topic, from, partition, max, exit, group, format, uncommitted };
        return host.Complete(
            command,
            (parsed, session) => ConsumeAsync(session, new Wanted(
                parsed.GetValue(topic)!,
                Position.Parse(parsed.GetValue(from)!, session.Now),
                parsed.GetValue(partition) ?? [],
                parsed.GetValue(max) ?? long.MaxValue,
                parsed.GetValue(exit),
                parsed.GetValue(group),
                new RecordText(parsed.GetValue(format)!),
                IsCommitted: !parsed.GetValue(uncommitted))),
            "pipelines consume ticks --from latest",
            "pipelines consume ticks --from 5m --exit --json",
            "pipelines consume ticks --partition 0 --from 1200 --max 10 --format '{offset} {key} {value}\\n'");
    }

    private static async Task ConsumeAsync(Session session, Wanted wanted)
    {
        TopicView topics = await TopicView.OfAsync(session, [wanted.Topic]);
        TopicPartition[] partitions = wanted.Partitions.Length == 0 ? [.. topics.Partitions] : [.. wanted.Partitions.Distinct().Select(number => new TopicPartition(wanted.Topic, number))];
        Dictionary<TopicPartition, long> starts = await wanted.From.ResolveAsync(topics, partitions);
        if (wanted.Group is { } group)
        {
            await Cluster.Groups.RequireNoMembersAsync(session, group);
            foreach ((TopicPartition partition, Committed committed) in await GroupOffsets.ReadAsync(session, group))
                if (starts.ContainsKey(partition)) starts[partition] = committed.Offset;
        }

        Dictionary<TopicPartition, long>? ends = wanted.Exits ? await topics.OffsetsAsync(partitions, TopicView.Latest, wanted.IsCommitted) : null;
        var consumer = new RecordConsumer(session, topics, starts, ends, wanted.IsCommitted);
        try
        {
            await PrintAsync(session, consumer, wanted);
        }
        catch (OperationCanceledException) when (session.Stop.IsCancellationRequested)
        {
            // Ctrl-C is how it is meant to end.
        }
        finally
        {
            await session.Terminal.Out.FlushAsync(CancellationToken.None);
            if (wanted.Group is not null) await GroupOffsets.CommitAsync(session.Uninterrupted(), wanted.Group, consumer.Positions);
        }
    }

    private static async Task PrintAsync(Session session, RecordConsumer consumer, Wanted wanted)
    {
        long left = wanted.Max;
        if (left <= 0) return;
        await foreach (IEnumerable<ConsumedRecord> records in consumer.ReadAsync(session.Stop))
        {
            foreach (ConsumedRecord record in records)
            {
                if (session.IsJson) await session.Terminal.Out.WriteLineAsync(RecordText.Json(record));
                else wanted.Format.Write(record, session.Terminal.Out);
                if (--left == 0) return;
                session.Stop.ThrowIfCancellationRequested();
            }

            await session.Terminal.Out.FlushAsync(session.Stop);
        }
    }

    /// <summary>What was typed.</summary>
    private sealed record Wanted(string Topic, Position From, int[] Partitions, long Max, bool Exits, string? Group, RecordText Format, bool IsCommitted);
}
