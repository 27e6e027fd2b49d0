using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Adds partitions to topics; answered when they are durable, whatever the time-out.</summary>
/// <remarks>Source: KIP-195.</remarks>
internal sealed class CreatePartitionsHandler : Handler<CreatePartitionsRequest, CreatePartitionsResponse>
{
    protected override async ValueTask<CreatePartitionsResponse?> HandleAsync(CreatePartitionsRequest request, RequestContext context)
    {
        var response = new CreatePartitionsResponse { Results = new(request.Topics.Count) };
        HashSet<string> repeated = [.. request.Topics.GroupBy(static topic => topic.Name, StringComparer.Ordinal).Where(static same => same.Count() > 1).Select(static same => same.Key)];
        foreach (CreatePartitionsRequest.CreatePartitionsTopic topic in request.Topics.DistinctBy(static topic => topic.Name, StringComparer.Ordinal))
        {
            (ErrorCode error, string? message) = repeated.Contains(topic.Name)
                ? (ErrorCode.InvalidRequest, "The topic is named more than once in the request.")
                : await CreateAsync(topic, request.ValidateOnly, context);
            response.Results.Add(new() { Name = topic.Name, ErrorCode = (short)error, ErrorMessage = message });
        }

        return response;
    }

    private static async ValueTask<(ErrorCode Error, string? Message)> CreateAsync(CreatePartitionsRequest.CreatePartitionsTopic topic, bool validateOnly, RequestContext context)
    {
        if (!context.Allows(Operation.Alter, ResourceKind.Topic, topic.Name)) return (ErrorCode.TopicAuthorizationFailed, "The principal may not alter the topic.");
        if (context.Engine.FindTopic(topic.Name) is not { } present) return (ErrorCode.UnknownTopicOrPartition, $"There is no topic '{topic.Name}'.");
        if (topic.Count <= present.Partitions)
            return (ErrorCode.InvalidPartitions, $"The topic has {present.Partitions} partitions, and {topic.Count} are wanted in all. There can only be more of them.");
        if (topic.Count > EngineState.MaxPartitions) return (ErrorCode.InvalidPartitions, $"{topic.Count} partitions are wanted; {EngineState.MaxPartitions:N0} are the most.");
        if (topic.Assignments is { } places)
        {
            int wanted = topic.Count - present.Partitions;
            if (places.Count != wanted) return (ErrorCode.InvalidReplicaAssignment, $"{wanted} partitions are added, but the replicas of {places.Count} are placed.");
            if (!places.TrueForAll(place => place.BrokerIds is [var only] && only == context.Broker.Options.NodeId))
                return (ErrorCode.InvalidReplicaAssignment, $"The only broker is {context.Broker.Options.NodeId}; place one replica of each partition there.");
        }

        return (validateOnly ? ErrorCode.None : await context.Engine.CreatePartitionsAsync(topic.Name, topic.Count), null);
    }
}
