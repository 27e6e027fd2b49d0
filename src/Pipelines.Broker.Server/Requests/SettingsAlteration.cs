using Pipelines.Broker.Groups;
using Pipelines.Broker.Topics;

namespace Pipelines.Broker.Server.Requests;

/// <summary>What is done with a setting; the numbers are Kafka's.</summary>
/// <remarks>Source: KIP-339.</remarks>
internal enum AlterOperation : sbyte
{
    Set = 0,
    Delete = 1,
    Append = 2,
    Subtract = 3,
}

/// <summary>Changes of the settings of a topic or a group.</summary>
/// <param name="owner">What has the settings, in words.</param>
/// <param name="find">A setting by its name.</param>
/// <param name="usual">The value of a setting that was not given.</param>
/// <param name="changes">What is to be done.</param>
/// <param name="keepsOthers">False when settings that are not named lose their values.</param>
internal sealed class SettingsAlteration(
    string owner, Func<string, Setting?> find, Func<string, string> usual, IReadOnlyList<(string Name, AlterOperation Operation, string? Value)> changes, bool keepsOthers)
{
    /// <summary>What is wrong with the changes, or null.</summary>
    internal string? Mistake { get; private set; }

    /// <summary>The settings after the changes; null when something is wrong.</summary>
    internal IReadOnlyDictionary<string, string>? Apply(IReadOnlyDictionary<string, string> present)
    {
        var settings = new Dictionary<string, string>(keepsOthers ? present : new Dictionary<string, string>(), StringComparer.Ordinal);
        foreach ((string name, AlterOperation operation, string? value) in changes) Mistake ??= Change(settings, name, operation, value);
        foreach ((string name, string value) in settings) Mistake ??= find(name)?.FindMistake(value);
        return Mistake is null ? settings : null;
    }

    private ErrorCode Check(IReadOnlyDictionary<string, string> present) => Apply(present) is null ? ErrorCode.InvalidConfig : ErrorCode.None;

    private static bool IsNamedTwice(IReadOnlyList<(string Name, AlterOperation Operation, string? Value)> changes) =>
        changes.DistinctBy(static change => change.Name).Count() < changes.Count;

    private string? Change(Dictionary<string, string> settings, string name, AlterOperation operation, string? value)
    {
        if (find(name) is not { } setting) return $"'{name}' is no setting of a {owner}. Correct it, or leave it out.";
        if (operation == AlterOperation.Delete)
        {
            settings.Remove(name);
            return null;
        }

        if (value is null) return $"Setting '{name}' has no value. Give one, or delete the setting.";
        if (operation == AlterOperation.Set)
        {
            settings[name] = value;
            return null;
        }

        if (operation is not (AlterOperation.Append or AlterOperation.Subtract)) return $"Operation {(sbyte)operation} on setting '{name}' is not known. Set (0), delete (1), append (2) or subtract (3).";
        if (setting.Type != SettingType.List) return $"Setting '{name}' is no list, so nothing can be appended to it or taken from it. Set it.";
        IReadOnlyList<string> elements = Setting.Split(settings.GetValueOrDefault(name) ?? usual(name));
        IReadOnlyList<string> given = Setting.Split(value);
        settings[name] = string.Join(',', operation == AlterOperation.Append ? elements.Union(given, StringComparer.Ordinal) : elements.Except(given, StringComparer.Ordinal));
        return null;
    }

    /// <summary>Changes the settings of whatever a request names.</summary>
    internal static async ValueTask<(ErrorCode Error, string? Message)> RunAsync(
        sbyte kind, string name, IReadOnlyList<(string Name, AlterOperation Operation, string? Value)> changes, bool keepsOthers, bool validateOnly, RequestContext context)
    {
        switch ((ConfigResource)kind)
        {
            case ConfigResource.Topic:
                if (!context.Allows(Operation.AlterConfigs, ResourceKind.Topic, name)) return (ErrorCode.TopicAuthorizationFailed, "The principal may not change the topic's settings.");
                if (IsNamedTwice(changes)) return (ErrorCode.InvalidRequest, "A setting is named more than once in the request.");
                if (context.Engine.FindTopic(name) is not { } topic) return (ErrorCode.UnknownTopicOrPartition, $"There is no topic '{name}'.");
                var alteration = new SettingsAlteration("topic", TopicSettings.Find, setting => TopicSettings.UsualOf(setting, context.Engine.Options), changes, keepsOthers);
                ErrorCode error = validateOnly ? alteration.Check(topic.Settings) : await context.Engine.AlterTopicAsync(name, alteration.Apply);
                return (error, alteration.Mistake);
            case ConfigResource.Group:
                if (!context.Allows(Operation.AlterConfigs, ResourceKind.Group, name)) return (ErrorCode.GroupAuthorizationFailed, "The principal may not change the group's settings.");
                if (name.Length == 0) return (ErrorCode.InvalidRequest, "A group without a name has no settings. Name it.");
                if (IsNamedTwice(changes)) return (ErrorCode.InvalidRequest, "A setting is named more than once in the request.");
                var ofGroup = new SettingsAlteration("group", GroupSettings.Find, static setting => GroupSettings.Find(setting)!.Default, changes, keepsOthers);
                ErrorCode failure = validateOnly ? ofGroup.Check(context.Engine.SettingsOfGroup(name)) : await context.Engine.AlterGroupAsync(name, ofGroup.Apply);
                return (failure, ofGroup.Mistake);
            case ConfigResource.Broker:
                if (!context.AllowsCluster(Operation.AlterConfigs)) return (ErrorCode.ClusterAuthorizationFailed, "The principal may not change the broker's settings.");
                return (ErrorCode.InvalidRequest, "The broker reads its settings when it starts. Change its file of settings, and start it again.");
            default:
                return (ErrorCode.InvalidRequest, $"Things of kind {kind} have no settings here. Name topics (2) or groups (32).");
        }
    }
}
