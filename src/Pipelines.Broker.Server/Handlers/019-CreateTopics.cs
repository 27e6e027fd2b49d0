using Pipelines.Broker.Server.Requests;
using Pipelines.Broker.Topics;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Creates topics; answered when they are durable, whatever the time-out.</summary>
internal sealed class CreateTopicsHandler : Handler<CreateTopicsRequest, CreateTopicsResponse>
{
    protected override async ValueTask<CreateTopicsResponse?> HandleAsync(CreateTopicsRequest request, RequestContext context)
    {
        var response = new CreateTopicsResponse { Topics = new(request.Topics.Count) };
        HashSet<string> repeated = [.. request.Topics.GroupBy(static topic => topic.Name, StringComparer.Ordinal).Where(static same => same.Count() > 1).Select(static same => same.Key)];
        bool mayCreateAll = context.AllowsCluster(Operation.Create, isQuiet: true);
        foreach (CreateTopicsRequest.CreatableTopic topic in request.Topics)
        {
            if (repeated.Contains(topic.Name))
            {
                if (!response.Topics.Exists(answer => answer.Name == topic.Name))
                    response.Topics.Add(Refused(topic.Name, ErrorCode.InvalidRequest, "The topic is named more than once in the request."));
                continue;
            }

            if (!mayCreateAll && !context.Allows(Operation.Create, ResourceKind.Topic, topic.Name))
                response.Topics.Add(Refused(topic.Name, ErrorCode.TopicAuthorizationFailed, "The principal may not create the topic."));
            else
                response.Topics.Add(await CreateAsync(topic, request.validateOnly, context));
        }

        return response;
    }

    private static async ValueTask<CreateTopicsResponse.CreatableTopicResult> CreateAsync(CreateTopicsRequest.CreatableTopic topic, bool validateOnly, RequestContext context)
    {
        if (!TryPlan(topic, context, out int partitions, out ErrorCode error, out string? message)) return Refused(topic.Name, error, message);
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (CreateTopicsRequest.CreatableTopicConfig setting in topic.Configs)
        {
            if (setting.Value is null) return Refused(topic.Name, ErrorCode.InvalidConfig, $"Setting '{setting.Name}' has no value. Give one, or leave it out.");
            settings[setting.Name] = setting.Value;
        }

        if (TopicSettings.FindMistake(settings) is { } mistake) return Refused(topic.Name, ErrorCode.InvalidConfig, mistake);

        error = validateOnly ? Check(topic.Name, partitions, context) : await context.Engine.CreateTopicAsync(topic.Name, partitions, settings);
        if (error != ErrorCode.None) return Refused(topic.Name, error, Explain(error, topic.Name, partitions));
        Guid id = context.Engine.FindTopic(topic.Name)?.Id ?? Guid.Empty;
        // It is there, but who may not see its settings is told no more than that (KIP-525).
        if (!context.Allows(Operation.DescribeConfigs, ResourceKind.Topic, topic.Name, isQuiet: true))
            return new() { Name = topic.Name, TopicId = id, TopicConfigErrorCode = (short)ErrorCode.TopicAuthorizationFailed, NumPartitions = -1, ReplicationFactor = -1, Configs = null };
        return new()
        {
            Name = topic.Name,
            TopicId = id,
            NumPartitions = partitions,
            ReplicationFactor = 1,
            Configs = [.. TopicSettings.All.Select(setting => new CreateTopicsResponse.CreatableTopicConfigs
            {
                Name = setting.Name,
                Value = TopicSettings.ValueOf(setting.Name, settings, context.Engine.Options),
                ConfigSource = (sbyte)(settings.ContainsKey(setting.Name) ? ConfigSource.Topic : ConfigSource.Default),
            })],
        };
    }

    /// <summary>How many partitions, and whether the replicas can be placed: there is one broker to place them on.</summary>
    private static bool TryPlan(CreateTopicsRequest.CreatableTopic topic, RequestContext context, out int partitions, out ErrorCode error, out string? message)
    {
        (partitions, error, message) = (topic.NumPartitions, ErrorCode.None, null);
        if (topic.Assignments.Count > 0)
        {
            partitions = topic.Assignments.Count;
            bool isHere = topic.Assignments.TrueForAll(place => place.BrokerIds is [var only] && only == context.Broker.Options.NodeId)
                && topic.Assignments.Select(static place => place.PartitionIndex).Order().SequenceEqual(Enumerable.Range(0, partitions));
            if (topic.NumPartitions != -1 || topic.ReplicationFactor != -1)
                (error, message) = (ErrorCode.InvalidRequest, "Replicas are placed by hand, so the numbers of partitions and replicas have to be -1.");
            else if (!isHere)
                (error, message) = (ErrorCode.InvalidReplicaAssignment, $"The only broker is {context.Broker.Options.NodeId}; place one replica of each partition, from 0 on, there.");
            return error == ErrorCode.None;
        }

        if (partitions == -1) partitions = context.Broker.Options.DefaultPartitions;
        if (topic.ReplicationFactor is not (-1 or 1))
            (error, message) = (ErrorCode.InvalidReplicationFactor, $"{topic.ReplicationFactor} replicas are wanted, and there is 1 broker. Ask for 1, or for -1.");
        return error == ErrorCode.None;
    }

    private static ErrorCode Check(string name, int partitions, RequestContext context) =>
        !EngineState.IsAllowedName(name) ? ErrorCode.InvalidTopic
        : partitions < 1 ? ErrorCode.InvalidPartitions
        : context.Engine.FindTopic(name) is null ? ErrorCode.None : ErrorCode.TopicAlreadyExists;

    private static string? Explain(ErrorCode error, string name, int partitions) => error switch
    {
        ErrorCode.InvalidTopic => $"'{name}' is no name of a topic, or looks like another one in metrics: 1 to 249 letters, digits, '.', '_' and '-', and no two that differ in '.' and '_' only.",
        ErrorCode.InvalidPartitions => $"{partitions} partitions are wanted; 1 to 10,000 are allowed.",
        ErrorCode.TopicAlreadyExists => $"Topic '{name}' already exists.",
        _ => null,
    };

    private static CreateTopicsResponse.CreatableTopicResult Refused(string name, ErrorCode error, string? message) =>
        new() { Name = name, ErrorCode = (short)error, ErrorMessage = message };
}
