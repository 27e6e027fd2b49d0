using System.CommandLine;
using Pipelines.Broker.Log;
using Pipelines.Cli.Arguments;
using Pipelines.Cli.Cluster;
using Pipelines.Cli.Output;
using Pipelines.Protocol.Messages;

namespace Pipelines.Cli.Commands.Topics;

/// <summary><c>pipelines topics trim</c>: deletes the records before a position.</summary>
internal static class TrimTopics
{
    internal static Command Create(CommandHost host)
    {
        var partitions = new Argument<string[]>("partitions") { Description = "Topics, or some of their partitions.", HelpName = Partitions.Forms, Arity = ArgumentArity.OneOrMore };
        var before = new Option<string>("--before") { Description = $"Delete what is before: {Position.Forms}.", Required = true, HelpName = "POSITION" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would be deleted." };
        var command = new Command("trim", "Deletes the records before a position, for ever.") { partitions, before, dryRun };
        command.Aliases.Add("delete-records");
        return host.Complete(
            command,
            (parsed, session) => TrimAsync(session, parsed.GetValue(partitions)!, Position.Parse(parsed.GetValue(before)!, session.Now), parsed.GetValue(dryRun)),
            "pipelines topics trim ticks --before 7d --dry-run",
            "pipelines topics trim ticks:0 --before 120000");
    }

    private static async Task TrimAsync(Session session, string[] texts, Position before, bool isDry)
    {
        (TopicView topics, IReadOnlyList<TopicPartition> partitions) = await Partitions.ResolveAsync(session, texts);
        Dictionary<TopicPartition, long> starts = await topics.OffsetsAsync(partitions, TopicView.Earliest);
        Dictionary<TopicPartition, long> wanted = await before.ResolveAsync(topics, partitions);
        Dictionary<TopicPartition, long> reached = isDry ? wanted : await DeleteAsync(session, topics, wanted);
        Report report = session.Report("topic", "partition", "start", "newStart", "deleted");
        foreach (TopicPartition partition in partitions) report.Add(partition.Topic, partition.Partition, starts[partition], reached[partition], reached[partition] - starts[partition]);
        report.Finish();
        if (isDry && !session.IsJson) session.Terminal.Out.WriteLine("Nothing was deleted: this is what would be.");
    }

    private static async Task<Dictionary<TopicPartition, long>> DeleteAsync(Session session, TopicView topics, Dictionary<TopicPartition, long> before)
    {
        var reached = new Dictionary<TopicPartition, long>();
        await topics.AskLeadersAsync(before.Keys, async (leader, led) =>
        {
            DeleteRecordsResponse answer = await leader.SendAsync(
                new DeleteRecordsRequest
                {
                    TimeoutMs = 20_000,
                    Topics = [.. led.Select(topic => new DeleteRecordsRequest.DeleteRecordsTopic
                    {
                        Name = topic.Key,
                        Partitions = [.. topic.Select(partition => new DeleteRecordsRequest.DeleteRecordsPartition { PartitionIndex = partition.Partition, Offset = before[partition] })],
                    })],
                },
                cancellation: session.Stop);
            foreach (DeleteRecordsResponse.DeleteRecordsTopicResult topic in answer.Topics)
            {
                foreach (DeleteRecordsResponse.DeleteRecordsPartitionResult partition in topic.Partitions)
                {
                    Errors.Check(partition.ErrorCode, $"Partition {partition.PartitionIndex} of '{topic.Name}'");
                    reached[new(topic.Name, partition.PartitionIndex)] = partition.LowWatermark;
                }
            }
        });
        return reached;
    }
}
