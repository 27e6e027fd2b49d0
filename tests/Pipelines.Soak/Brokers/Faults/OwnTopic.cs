using Pipelines.Broker;
using Pipelines.Broker.Log;
using Pipelines.Protocol.Messages;
using Pipelines.Soak.Brokers.Clients;

namespace Pipelines.Soak.Brokers.Faults;

/// <summary>A topic that one fault has for itself, and deletes.</summary>
internal sealed class OwnTopic : IAsyncDisposable
{
    private readonly Stage stage;
    private readonly Link link;

    private OwnTopic(Stage stage, string name)
    {
        this.stage = stage;
        link = stage.Link(name, TimeSpan.FromSeconds(10));
        Partition = new TopicPartition(name, 0);
    }

    /// <summary>Its only partition.</summary>
    internal TopicPartition Partition { get; }

    internal static async Task<OwnTopic> CreateAsync(Stage stage, string kind, params (string Name, string Value)[] settings)
    {
        var topic = new OwnTopic(stage, stage.NewName(kind));
        await topic.link.AskAsync("CreateTopics", async connection => (ErrorCode)(await connection.SendAsync(new CreateTopicsRequest
        {
            Topics =
            [
                new()
                {
                    Name = topic.Partition.Topic,
                    NumPartitions = 1,
                    ReplicationFactor = 1,
                    Configs = [new() { Name = "max.message.bytes", Value = "8388608" }, .. settings.Select(static one => new CreateTopicsRequest.CreatableTopicConfig { Name = one.Name, Value = one.Value })],
                },
            ],
            timeoutMs = 10_000,
        }, cancellation: stage.Ending)).Topics.Single().ErrorCode, stage.Ending);
        return topic;
    }

    public async ValueTask DisposeAsync()
    {
        await link.AskAsync("DeleteTopics", async connection => (ErrorCode)(await connection.SendAsync(
            new DeleteTopicsRequest { TopicNames = [Partition.Topic], TimeoutMs = 10_000 }, version: 5, stage.Ending)).Responses.Single().ErrorCode, stage.Ending);
        await link.DisposeAsync();
    }
}
