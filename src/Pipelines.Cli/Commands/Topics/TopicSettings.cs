using Pipelines.Cli.Cluster;
using Pipelines.Cli.Output;
using Pipelines.Protocol.Messages;

namespace Pipelines.Cli.Commands.Topics;

/// <summary>The settings of topics, in Kafka's names.</summary>
internal static class TopicSettings
{
    private const sbyte TopicResource = 2;
    private const sbyte Set = 0;
    private const sbyte Delete = 1;

    private static readonly string[] Sources = ["-", "topic", "broker (dynamic)", "all brokers (dynamic)", "broker", "default"];

    /// <summary>Shows them, and where each value comes from.</summary>
    internal static async Task ShowAsync(Session session, IReadOnlyList<string> topics)
    {
        DescribeConfigsResponse answer = await session.AskAnyAsync(new DescribeConfigsRequest
        {
            Resources = [.. topics.Select(static topic => new DescribeConfigsRequest.DescribeConfigsResource { ResourceType = TopicResource, ResourceName = topic, ConfigurationKeys = null })],
        });
        Report report = session.Report("topic", "setting", "value", "from", "readOnly");
        foreach (DescribeConfigsResponse.DescribeConfigsResult topic in answer.Results)
        {
            Errors.Check(topic.ErrorCode, $"Settings of topic '{topic.ResourceName}'", topic.ErrorMessage);
            foreach (DescribeConfigsResponse.DescribeConfigsResourceResult setting in topic.Configs.OrderBy(static setting => setting.Name, StringComparer.Ordinal))
                report.Add(topic.ResourceName, setting.Name, setting.IsSensitive ? "(hidden)" : setting.Value, Source(setting.ConfigSource), setting.ReadOnly);
        }

        report.Finish();
    }

    /// <summary>Changes single settings, or takes them back to what is usual.</summary>
    internal static async Task ChangeAsync(Session session, string topic, IReadOnlyList<(string Name, string Value)> set, IReadOnlyList<string> unset)
    {
        var resource = new IncrementalAlterConfigsRequest.AlterConfigsResource { ResourceType = TopicResource, ResourceName = topic };
        foreach ((string name, string value) in set) resource.Configs.Add(new() { Name = name, ConfigOperation = Set, Value = value });
        foreach (string name in unset) resource.Configs.Add(new() { Name = name, ConfigOperation = Delete, Value = null });
        IncrementalAlterConfigsResponse answer = await session.AskControllerAsync(new IncrementalAlterConfigsRequest { Resources = [resource] });
        foreach (IncrementalAlterConfigsResponse.AlterConfigsResourceResponse result in answer.Responses) Errors.Check(result.ErrorCode, $"Settings of topic '{topic}'", result.ErrorMessage);
    }

    private static string Source(sbyte source) => source >= 0 && source < Sources.Length ? Sources[source] : "other";
}
