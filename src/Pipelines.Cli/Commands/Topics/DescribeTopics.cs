using System.CommandLine;
using Pipelines.Broker.Log;
using Pipelines.Cli.Cluster;
using Pipelines.Cli.Output;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;

namespace Pipelines.Cli.Commands.Topics;

/// <summary><c>pipelines topics describe</c>: where each partition's log starts and ends, and how large it is.</summary>
internal static class DescribeTopics
{
    internal static Command Create(CommandHost host)
    {
        var names = new Argument<string[]>("topic") { Description = "Topics to describe.", Arity = ArgumentArity.OneOrMore };
        var settings = new Option<bool>("--settings") { Description = "Show the topics' settings, not their partitions." };
        var command = new Command("describe", "Shows start, end and stable offset and size of each partition, or the settings.") { names, settings };
        return host.Complete(
            command,
            (parsed, session) => parsed.GetValue(settings)
                ? TopicSettings.ShowAsync(session, parsed.GetValue(names)!)
                : DescribeAsync(session, parsed.GetValue(names)!),
            "pipelines topics describe ticks",
            "pipelines topics describe ticks trades --settings --json");
    }

    private static async Task DescribeAsync(Session session, string[] names)
    {
        TopicView topics = await TopicView.OfAsync(session, names);
        TopicPartition[] partitions = [.. topics.Partitions];
        Dictionary<TopicPartition, long> starts = await topics.OffsetsAsync(partitions, TopicView.Earliest);
        Dictionary<TopicPartition, long> ends = await topics.OffsetsAsync(partitions, TopicView.Latest);
        Dictionary<TopicPartition, long> stable = await topics.OffsetsAsync(partitions, TopicView.Latest, isCommitted: true);
        Dictionary<TopicPartition, long> sizes = await SizesAsync(session, topics);
        Report report = session.Report("topic", "partition", "start", "end", "stable", "sizeBytes", "leader", "replicas", "inSync");
        foreach (MetadataResponse.MetadataResponseTopic topic in topics.Topics)
        {
            foreach (MetadataResponse.MetadataResponsePartition partition in topic.Partitions.OrderBy(static partition => partition.PartitionIndex))
            {
                var id = new TopicPartition(topic.Name!, partition.PartitionIndex);
                long? size = sizes.TryGetValue(id, out long bytes) ? bytes : null;
                report.Add(id.Topic, id.Partition, starts[id], ends[id], stable[id], size, partition.LeaderId, Nodes(partition.ReplicaNodes), Nodes(partition.IsrNodes));
            }
        }

        report.Finish();
    }

    private static IEnumerable<string> Nodes(List<int> nodes) => nodes.Select(static node => node.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Bytes on the leaders' disks; nothing where a broker does not tell.</summary>
    private static async Task<Dictionary<TopicPartition, long>> SizesAsync(Session session, TopicView topics)
    {
        var sizes = new Dictionary<TopicPartition, long>();
        await topics.AskLeadersAsync(topics.Partitions, async (leader, led) =>
        {
            if (!Serves(leader, ApiKey.DescribeLogDirs)) return;
            DescribeLogDirsResponse answer = await leader.SendAsync(
                new DescribeLogDirsRequest
                {
                    Topics = [.. led.Select(static topic => new DescribeLogDirsRequest.DescribableLogDirTopic { Topic = topic.Key, Partitions = [.. topic.Select(static partition => partition.Partition)] })],
                },
                cancellation: session.Stop);
            foreach (DescribeLogDirsResponse.DescribeLogDirsTopic topic in answer.Results.Where(static folder => folder.ErrorCode == 0).SelectMany(static folder => folder.Topics))
                foreach (DescribeLogDirsResponse.DescribeLogDirsPartition partition in topic.Partitions.Where(static partition => !partition.IsFutureKey))
                    sizes[new(topic.Name, partition.PartitionIndex)] = partition.PartitionSize;
        });
        return sizes;
    }

    private static bool Serves(BrokerConnection connection, ApiKey key) => connection.BrokerVersions.ContainsKey(key);
}
