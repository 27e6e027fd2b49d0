using System.Globalization;
using Pipelines.Broker.Groups;
using Pipelines.Broker.Server.Requests;
using Pipelines.Broker.Topics;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Tells the settings of topics, of groups and of the broker.</summary>
/// <remarks>Source: KIP-133, KIP-226, KIP-569.</remarks>
internal sealed class DescribeConfigsHandler : Handler<DescribeConfigsRequest, DescribeConfigsResponse>
{
    protected override ValueTask<DescribeConfigsResponse?> HandleAsync(DescribeConfigsRequest request, RequestContext context)
    {
        var response = new DescribeConfigsResponse { Results = new(request.Resources.Count) };
        foreach (DescribeConfigsRequest.DescribeConfigsResource resource in request.Resources)
        {
            var answer = new DescribeConfigsResponse.DescribeConfigsResult { ResourceType = resource.ResourceType, ResourceName = resource.ResourceName };
            response.Results.Add(answer);
            (ErrorCode error, string? message) = Describe(resource, request, context, answer);
            answer.ErrorCode = (short)error;
            answer.ErrorMessage = message;
        }

        return new(response);
    }

    private static (ErrorCode Error, string? Message) Describe(
        DescribeConfigsRequest.DescribeConfigsResource resource, DescribeConfigsRequest request, RequestContext context, DescribeConfigsResponse.DescribeConfigsResult answer)
    {
        bool IsWanted(string name) => resource.ConfigurationKeys is not { } names || names.Contains(name);
        switch ((ConfigResource)resource.ResourceType)
        {
            case ConfigResource.Topic:
                if (!context.Allows(Operation.DescribeConfigs, ResourceKind.Topic, resource.ResourceName)) return (ErrorCode.TopicAuthorizationFailed, "The principal may not see the topic's settings.");
                if (!EngineState.IsAllowedName(resource.ResourceName)) return (ErrorCode.InvalidTopic, $"'{resource.ResourceName}' is no name of a topic.");
                if (context.Engine.FindTopic(resource.ResourceName) is not { } topic) return (ErrorCode.UnknownTopicOrPartition, $"There is no topic '{resource.ResourceName}'.");
                answer.Configs.AddRange(TopicSettings.All.Where(setting => IsWanted(setting.Name)).Select(setting => Describe(setting, topic.Settings, ConfigSource.Topic, TopicSettings.UsualOf(setting.Name, context.Engine.Options), request)));
                return (ErrorCode.None, null);
            case ConfigResource.Broker:
                if (!context.AllowsCluster(Operation.DescribeConfigs)) return (ErrorCode.ClusterAuthorizationFailed, "The principal may not see the broker's settings.");
                // The empty name stands for what holds for all brokers and can be changed while they run: nothing here.
                if (resource.ResourceName.Length == 0) return (ErrorCode.None, null);
                if (resource.ResourceName != context.Broker.Options.NodeId.ToString(CultureInfo.InvariantCulture))
                    return (ErrorCode.InvalidRequest, $"There is no broker '{resource.ResourceName}', only {context.Broker.Options.NodeId}.");
                answer.Configs.AddRange(BrokerSettings.Of(context.Broker).Where(setting => IsWanted(setting.Name)).Select(setting => Describe(setting, request)));
                return (ErrorCode.None, null);
            case ConfigResource.Group:
                if (!context.Allows(Operation.DescribeConfigs, ResourceKind.Group, resource.ResourceName)) return (ErrorCode.GroupAuthorizationFailed, "The principal may not see the group's settings.");
                if (resource.ResourceName.Length == 0) return (ErrorCode.InvalidRequest, "A group without a name has no settings. Name it.");
                IReadOnlyDictionary<string, string> given = context.Engine.SettingsOfGroup(resource.ResourceName);
                answer.Configs.AddRange(GroupSettings.All.Where(setting => IsWanted(setting.Name)).Select(setting => Describe(setting, given, ConfigSource.Group, setting.Default, request)));
                return (ErrorCode.None, null);
            default:
                return (ErrorCode.InvalidRequest, $"Things of kind {resource.ResourceType} have no settings here. Ask for topics (2), brokers (4) or groups (32).");
        }
    }

    /// <param name="setting">The setting.</param>
    /// <param name="given">What its owner was given.</param>
    /// <param name="own">Where such values come from.</param>
    /// <param name="usual">The value that it has when it is not given.</param>
    /// <param name="request">What is wanted.</param>
    private static DescribeConfigsResponse.DescribeConfigsResourceResult Describe(
        Setting setting, IReadOnlyDictionary<string, string> given, ConfigSource own, string usual, DescribeConfigsRequest request)
    {
        bool isOwn = given.TryGetValue(setting.Name, out string? value);
        value ??= usual;
        var synonyms = new List<DescribeConfigsResponse.DescribeConfigsSynonym>();
        if (request.IncludeSynonyms)
        {
            if (isOwn) synonyms.Add(new() { Name = setting.Name, Value = value, Source = (sbyte)own });
            if (setting.BrokerName is { } broker && usual != setting.Default) synonyms.Add(new() { Name = broker, Value = usual, Source = (sbyte)ConfigSource.StaticBroker });
            if (setting.BrokerName is { } same) synonyms.Add(new() { Name = same, Value = setting.Default, Source = (sbyte)ConfigSource.Default });
        }

        return new()
        {
            Name = setting.Name,
            Value = value,
            ConfigSource = (sbyte)(isOwn ? own : usual != setting.Default ? ConfigSource.StaticBroker : ConfigSource.Default),
            Synonyms = synonyms,
            ConfigType = (sbyte)setting.Type,
            Documentation = request.IncludeDocumentation ? setting.Documentation : null,
        };
    }

    private static DescribeConfigsResponse.DescribeConfigsResourceResult Describe(BrokerSetting setting, DescribeConfigsRequest request) => new()
    {
        Name = setting.Name,
        Value = setting.Value,
        // Read when the broker starts.
        ReadOnly = true,
        ConfigSource = (sbyte)ConfigSource.StaticBroker,
        ConfigType = (sbyte)setting.Type,
        Documentation = request.IncludeDocumentation ? setting.Documentation : null,
    };
}
