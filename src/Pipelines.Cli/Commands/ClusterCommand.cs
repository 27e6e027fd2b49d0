using System.CommandLine;
using Pipelines.Cli.Cluster;
using Pipelines.Cli.Output;
using Pipelines.Protocol.Messages;

namespace Pipelines.Cli.Commands;

/// <summary><c>pipelines cluster</c>: the brokers.</summary>
internal static class ClusterCommand
{
    internal static Command Create(CommandHost host) => host.Complete(
        new Command("cluster", "Shows the brokers of the cluster."), static (_, session) => ShowAsync(session), "pipelines cluster --bootstrap broker.example:9092");

    private static async Task ShowAsync(Session session)
    {
        TopicView topics = await TopicView.AllAsync(session);
        Dictionary<int, int> leads = topics.Topics.SelectMany(static topic => topic.Partitions).GroupBy(static partition => partition.LeaderId).ToDictionary(static led => led.Key, static led => led.Count());
        Report report = session.Report("cluster", "broker", "host", "port", "rack", "controller", "leads");
        foreach (MetadataResponse.MetadataResponseBroker broker in topics.Metadata.Brokers.OrderBy(static broker => broker.NodeId))
            report.Add(topics.Metadata.ClusterId, broker.NodeId, broker.Host, broker.Port, broker.Rack, broker.NodeId == topics.Metadata.ControllerId, leads.GetValueOrDefault(broker.NodeId));
        report.Finish();
    }
}
