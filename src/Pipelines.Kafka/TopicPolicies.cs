using Microsoft.Extensions.Logging;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Kafka;

/// <summary>Asks how topics keep their records. Who may not know does without, and is told so once.</summary>
/// <remarks>Source: DescribeConfigs; KIP-133.</remarks>
internal sealed partial class TopicPolicies(Cluster cluster, ILogger logger)
{
    private const sbyte OfTopic = 2;
    private int isTold;

    internal async ValueTask<TopicPolicy?> DescribeAsync(string topic)
    {
        string what = $"The settings of topic '{topic}' cannot be told";
        return await cluster.RetryAsync(what, async () =>
        {
            BrokerConnection any = await cluster.AnyAsync();
            DescribeConfigsResponse answer = await any.SendAsync(
                new DescribeConfigsRequest { Resources = [new() { ResourceType = OfTopic, ResourceName = topic, ConfigurationKeys = [.. TopicPolicy.Settings] }] },
                Cluster.Version(ApiKey.DescribeConfigs, any, 4));
            DescribeConfigsResponse.DescribeConfigsResult result = answer.Results.Single();
            switch ((KafkaError)result.ErrorCode)
            {
                case KafkaError.UnknownTopicOrPartition:
                    return null;
                case KafkaError.TopicAuthorizationFailed:
                    BrokerException refused = cluster.Refused(result.ErrorCode, what, result.ErrorMessage, Right.OnTopic("DescribeConfigs", topic));
                    if (Interlocked.Exchange(ref isTold, 1) == 0) NotChecked(logger, refused.Message);
                    return null;
                default:
                    cluster.Check(result.ErrorCode, what, result.ErrorMessage, Right.OnTopic("DescribeConfigs", topic));
                    return TopicPolicy.Read(result.Configs.Where(static setting => setting.Value is not null).ToDictionary(static setting => setting.Name, static setting => setting.Value!));
            }
        });
    }

    [LoggerMessage(203, LogLevel.Warning, "Whether topics lose records cannot be checked. {Reason}")]
    private static partial void NotChecked(ILogger logger, string reason);
}
