using Microsoft.Extensions.Logging;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Kafka;

/// <summary>Makes topics that keep what is written to them, whatever the cluster's usual settings are.</summary>
/// <remarks>Source: CreateTopics; KIP-937: clusters before Kafka 3.6 bound times with one setting, later ones with two, and each refuses a topic with a setting that it does not know.</remarks>
internal sealed partial class TopicCreation(Cluster cluster, ILogger logger)
{
    private volatile bool isOld;

    internal async ValueTask CreateAsync(string topic, int partitions, bool isCompacted)
    {
        string what = $"Topic '{topic}' with {partitions} partitions cannot be created";
        await cluster.RetryAsync(what, async () =>
        {
            CreateTopicsResponse.CreatableTopicResult created = await AskAsync(topic, partitions, isCompacted, isOld);
            if (created.ErrorCode == (short)KafkaError.InvalidConfig && !isOld)
            {
                CreateTopicsResponse.CreatableTopicResult again = await AskAsync(topic, partitions, isCompacted, isOldCluster: true);
                // Refused both ways: then it is for something else, which the first answer tells.
                if (again.ErrorCode != (short)KafkaError.InvalidConfig) created = again;
                if (again.ErrorCode == 0)
                {
                    isOld = true;
                    IsOld(logger, topic);
                }
            }

            if (created.ErrorCode != (short)KafkaError.TopicAlreadyExists) cluster.Check(created.ErrorCode, what, created.ErrorMessage, Right.OnTopic("Create", topic));
            return true;
        });
    }

    private async Task<CreateTopicsResponse.CreatableTopicResult> AskAsync(string topic, int partitions, bool isCompacted, bool isOldCluster)
    {
        BrokerConnection controller = await cluster.ControllerAsync();
        CreateTopicsResponse answer = await controller.SendAsync(new CreateTopicsRequest
        {
            Topics =
            [
                new()
                {
                    Name = topic,
                    NumPartitions = partitions,
                    ReplicationFactor = -1,
                    Configs = [.. TopicPolicy.ToKeep(isCompacted, isOldCluster).Select(static setting => new CreateTopicsRequest.CreatableTopicConfig { Name = setting.Key, Value = setting.Value })],
                },
            ],
            timeoutMs = (int)cluster.Options.Connection.RequestTimeout.TotalMilliseconds,
        });
        return answer.Topics.Single();
    }

    [LoggerMessage(
        206,
        LogLevel.Information,
        "The cluster refused topic '{Topic}' with message.timestamp.before.max.ms and message.timestamp.after.max.ms, as Kafka before 3.6 does, and made it with message.timestamp.difference.max.ms in their place. So it will be with further topics")]
    private static partial void IsOld(ILogger logger, string topic);
}
