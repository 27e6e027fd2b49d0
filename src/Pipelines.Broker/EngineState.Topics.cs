using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Topics;

namespace Pipelines.Broker;

/// <content>Topics.</content>
internal sealed partial class EngineState
{
    private const string TopicsFolder = "topics";
    private const int MaxNameLength = 249;
    internal const int MaxPartitions = 10_000;

    internal Outcome<ErrorCode> CreateTopic(string name, int partitions, IReadOnlyDictionary<string, string> settings)
    {
        if (!IsAllowedName(name)) return new(ErrorCode.InvalidTopic);
        if (partitions is < 1 or > MaxPartitions) return new(ErrorCode.InvalidPartitions);
        if (FindTopic(name) is not null) return new(ErrorCode.TopicAlreadyExists);
        if (TopicSettings.FindMistake(settings) is not null) return new(ErrorCode.InvalidConfig);
        // '.' and '_' look the same in metric names, so Kafka refuses names that differ in them only.
        string flat = name.Replace('.', '_');
        if (topics.Values.Any(topic => topic.Name.Replace('.', '_') == flat)) return new(ErrorCode.InvalidTopic);

        var entry = new TopicCreated(name, Guid.NewGuid(), partitions, settings);
        CreateFolders(name, 0, partitions);
        journal.Append(entry);
        AddTopic(entry);
        return new(ErrorCode.None, IsWrite: true);
    }

    /// <summary>Deletes a topic. It is there until that is durable.</summary>
    internal Outcome<ErrorCode> DeleteTopic(string name, Guid? id)
    {
        if (FindTopic(name) is not { } topic) return new(ErrorCode.UnknownTopicOrPartition);
        if (id is not null && topic.Id != id) return new(ErrorCode.UnknownTopicId);
        var entry = new TopicDeleted(name, topic.Id);
        journal.Append(entry);
        return new(ErrorCode.None, IsWrite: true, () =>
        {
            // Asked for twice, it is done once.
            if (FindTopic(name)?.Id != entry.Id) return;
            RemoveTopic(entry);
            ForgetOffsets(name);
            foreach (PartitionLog log in topic.Partitions)
            {
                log.MarkDeleted();
                disk.DeleteFolder(log.Folder);
                CloseUnflushed(log);
            }
        });
    }

    internal Outcome<ErrorCode> CreatePartitions(string name, int partitions)
    {
        if (FindTopic(name) is not { } topic) return new(ErrorCode.UnknownTopicOrPartition);
        if (partitions <= topic.Partitions.Count || partitions > MaxPartitions) return new(ErrorCode.InvalidPartitions);
        var entry = new PartitionsCreated(name, partitions);
        CreateFolders(name, topic.Partitions.Count, partitions);
        journal.Append(entry);
        AddPartitions(entry);
        return new(ErrorCode.None, IsWrite: true);
    }

    /// <summary>Gives a topic other settings.</summary>
    /// <param name="name">The topic.</param>
    /// <param name="change">Makes the new settings of the present ones; null to leave them.</param>
    internal Outcome<ErrorCode> AlterTopic(string name, Func<IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, string>?> change)
    {
        if (FindTopic(name) is not { } topic) return new(ErrorCode.UnknownTopicOrPartition);
        if (change(topic.Settings) is not { } settings || TopicSettings.FindMistake(settings) is not null) return new(ErrorCode.InvalidConfig);
        var entry = new TopicAltered(name, settings);
        journal.Append(entry);
        Apply(entry);
        return new(ErrorCode.None, IsWrite: true);
    }

    private void CreateFolders(string topic, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            string folder = FolderOf(new TopicPartition(topic, i));
            // Left by a creation that a crash cut short: the journal does not know it.
            bool isLeftOver = disk.ListFiles(folder).Count > 0;
            if (isLeftOver) disk.DeleteFolder(folder);
            disk.CreateFolder(folder);
            if (isLeftOver) disk.FlushFolder(folder);
        }

        disk.FlushFolder(TopicsFolder);
    }

    private void AddTopic(TopicCreated entry)
    {
        SetTopic(new Topic(entry.Name, entry.Id, entry.Settings, NewLogs(entry.Name, entry.Id, 0, entry.Partitions, entry.Settings)));
        topicIds[entry.Id] = entry.Name;
    }

    private void AddPartitions(PartitionsCreated entry)
    {
        Topic topic = FindTopic(entry.Name)!;
        SetTopic(topic with { Partitions = [.. topic.Partitions, .. NewLogs(entry.Name, topic.Id, topic.Partitions.Count, entry.Partitions, topic.Settings)] });
    }

    private void Apply(TopicAltered entry)
    {
        Topic topic = FindTopic(entry.Name)!;
        SetTopic(topic with { Settings = entry.Settings });
        var policy = TopicPolicy.Of(entry.Settings, options);
        foreach (PartitionLog log in topic.Partitions) log.Policy = policy;
    }

    private void RemoveTopic(TopicDeleted entry)
    {
        var rest = new Dictionary<string, Topic>(topics, StringComparer.Ordinal);
        rest.Remove(entry.Name);
        topics = rest;
        topicIds.TryRemove(entry.Id, out _);
    }

    // Readers look topics up beside the loop, so the table that they see never changes.
    private void SetTopic(Topic topic) => topics = new Dictionary<string, Topic>(topics, StringComparer.Ordinal) { [topic.Name] = topic };

    private PartitionLog[] NewLogs(string topic, Guid topicId, int from, int to, IReadOnlyDictionary<string, string> settings)
    {
        var policy = TopicPolicy.Of(settings, options);
        var logs = new PartitionLog[to - from];
        for (int i = from; i < to; i++)
        {
            var id = new TopicPartition(topic, i);
            logs[i - from] = new PartitionLog(disk, options, changed, id, topicId, FolderOf(id), policy);
        }

        return logs;
    }

    private static string FolderOf(TopicPartition partition) => $"{TopicsFolder}/{partition}";

    /// <summary>Kafka's rule: 1 to 249 letters, digits, dots, underscores and hyphens, and not "." or "..".</summary>
    internal static bool IsAllowedName(string name)
    {
        if (name.Length is 0 or > MaxNameLength || name is "." or "..") return false;
        foreach (char letter in name)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('.' or '_' or '-')) return false;
        }

        return true;
    }
}
