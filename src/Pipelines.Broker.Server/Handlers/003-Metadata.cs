using Pipelines.Broker.Server.Requests;
using Pipelines.Broker.Topics;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Tells the one broker, and the topics; creates those that are asked for by name when the client and the settings let it.</summary>
internal sealed class MetadataHandler : Handler<MetadataRequest, MetadataResponse>
{
    private const short FirstVersionOfNull = 1;
    private const short FirstVersionOfNoName = 12;

    protected override async ValueTask<MetadataResponse?> HandleAsync(MetadataRequest request, RequestContext context)
    {
        Address address = context.Advertised;
        int node = context.Broker.Options.NodeId;
        var response = new MetadataResponse
        {
            Brokers = [new() { NodeId = node, Host = address.Host, Port = address.Port }],
            ClusterId = context.Broker.ClusterId,
            ControllerId = node,
            ClusterAuthorizedOperations = context.Operations(ResourceKind.Cluster, BrokerServices.ClusterResource, request.IncludeClusterAuthorizedOperations),
        };
        // In version 0 an empty list stands for all topics; later null does.
        if (request.Topics is null || (context.Version < FirstVersionOfNull && request.Topics.Count == 0))
        {
            foreach (TopicDescription topic in context.Engine.Topics.OrderBy(static topic => topic.Name, StringComparer.Ordinal))
            {
                if (context.Allows(Operation.Describe, ResourceKind.Topic, topic.Name, isQuiet: true)) response.Topics.Add(Describe(topic, node, request, context));
            }

            return response;
        }

        foreach (MetadataRequest.MetadataRequestTopic topic in request.Topics)
            response.Topics.Add(topic.TopicId != Guid.Empty || topic.Name is null ? FindById(topic.TopicId, request, context) : await FindAsync(topic.Name, request, context));
        return response;
    }

    /// <summary>An id is no secret, a name is one.</summary>
    private static MetadataResponse.MetadataResponseTopic FindById(Guid id, MetadataRequest request, RequestContext context)
    {
        TopicDescription? topic = context.Engine.FindTopic(id);
        if (topic is not null && context.Allows(Operation.Describe, ResourceKind.Topic, topic.Name)) return Describe(topic, context.Broker.Options.NodeId, request, context);
        ErrorCode error = topic is null ? ErrorCode.UnknownTopicId : ErrorCode.TopicAuthorizationFailed;
        return new() { ErrorCode = (short)error, TopicId = id, Name = context.Version >= FirstVersionOfNoName ? null : "" };
    }

    private static async ValueTask<MetadataResponse.MetadataResponseTopic> FindAsync(string name, MetadataRequest request, RequestContext context)
    {
        if (!context.Allows(Operation.Describe, ResourceKind.Topic, name)) return Refused(name, ErrorCode.TopicAuthorizationFailed);
        ErrorCode error = context.Engine.FindTopic(name) is null ? await CreateAsync(name, request, context) : ErrorCode.None;
        return error == ErrorCode.None && context.Engine.FindTopic(name) is { } topic
            ? Describe(topic, context.Broker.Options.NodeId, request, context)
            : Refused(name, error);
    }

    private static async ValueTask<ErrorCode> CreateAsync(string name, MetadataRequest request, RequestContext context)
    {
        if (!EngineState.IsAllowedName(name)) return ErrorCode.InvalidTopic;
        BrokerServerOptions options = context.Broker.Options;
        if (!request.AllowAutoTopicCreation || !options.CreatesTopics) return ErrorCode.UnknownTopicOrPartition;
        if (!context.AllowsCluster(Operation.Create, isQuiet: true) && !context.Allows(Operation.Create, ResourceKind.Topic, name)) return ErrorCode.TopicAuthorizationFailed;
        ErrorCode error = await context.Engine.CreateTopicAsync(name, options.DefaultPartitions);
        if (error == ErrorCode.None) ServerLog.TopicCreated(context.Broker.Log, name, options.DefaultPartitions);
        return error == ErrorCode.TopicAlreadyExists ? ErrorCode.None : error;
    }

    private static MetadataResponse.MetadataResponseTopic Refused(string name, ErrorCode error) => new() { ErrorCode = (short)error, Name = name };

    private static MetadataResponse.MetadataResponseTopic Describe(TopicDescription topic, int node, MetadataRequest request, RequestContext context)
    {
        var answer = new MetadataResponse.MetadataResponseTopic
        {
            Name = topic.Name,
            TopicId = topic.Id,
            Partitions = new(topic.Partitions),
            TopicAuthorizedOperations = context.Operations(ResourceKind.Topic, topic.Name, request.IncludeTopicAuthorizedOperations),
        };
        for (int i = 0; i < topic.Partitions; i++)
            answer.Partitions.Add(new() { PartitionIndex = i, LeaderId = node, LeaderEpoch = LeaderEpochs.Current, ReplicaNodes = [node], IsrNodes = [node] });
        return answer;
    }
}
