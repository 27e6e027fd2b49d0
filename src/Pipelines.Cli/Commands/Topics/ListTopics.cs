using System.CommandLine;
using Pipelines.Cli.Cluster;
using Pipelines.Cli.Output;
using Pipelines.Protocol.Messages;

namespace Pipelines.Cli.Commands.Topics;

/// <summary><c>pipelines topics list</c>.</summary>
internal static class ListTopics
{
    internal static Command Create(CommandHost host)
    {
        var isInternal = new Option<bool>("--internal") { Description = "Show the broker's own topics too." };
        var command = new Command("list", "Lists the topics.") { isInternal };
        return host.Complete(
            command,
            (parsed, session) => ListAsync(session, parsed.GetValue(isInternal)),
            "pipelines topics list",
            "pipelines topics list --bootstrap broker.example:9092 --json");
    }

    private static async Task ListAsync(Session session, bool withInternal)
    {
        TopicView topics = await TopicView.AllAsync(session);
        Report report = session.Report("topic", "partitions", "replicas", "internal");
        foreach (MetadataResponse.MetadataResponseTopic topic in topics.Topics)
        {
            if (topic.IsInternal && !withInternal) continue;
            report.Add(topic.Name, topic.Partitions.Count, topic.Partitions.Count == 0 ? 0 : topic.Partitions.Max(static partition => partition.ReplicaNodes.Count), topic.IsInternal);
        }

        report.Finish("There are no topics.");
    }
}
