using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;

namespace Pipelines.Broker;

/// <content>Topics.</content>
internal sealed partial class EngineState
{
    private const string TopicsFolder = "topics";
    private const int MaxNameLength = 249;
    private const int MaxPartitions = 10_000;

    internal Outcome<ErrorCode> CreateTopic(string name, int partitions, IReadOnlyDictionary<string, string> settings)
    {
        if (!IsAllowedName(name)) return new(ErrorCode.InvalidTopic);
        if (partitions is < 1 or > MaxPartitions) return new(ErrorCode.InvalidPartitions);
        if (FindTopic(name) is not null) return new(ErrorCode.TopicAlreadyExists);
        // '.' and '_' look the same in metric names, so Kafka refuses names that differ in them only.
        string flat = name.Replace('.', '_');
        if (topics.Values.Any(topic => topic.Name.Replace('.', '_') == flat)) return new(ErrorCode.InvalidTopic);

        var entry = new TopicCreated(name, Guid.NewGuid(), partitions, settings);
        for (int i = 0; i < partitions; i++)
        {
            string folder = FolderOf(new TopicPartition(name, i));
            // Left by a creation that a crash cut short: the journal does not know it.
            bool isLeftOver = disk.ListFiles(folder).Count > 0;
            if (isLeftOver) disk.DeleteFolder(folder);
            disk.CreateFolder(folder);
            if (isLeftOver) disk.FlushFolder(folder);
        }

        disk.FlushFolder(TopicsFolder);
        journal.Append(entry);
        AddTopic(entry);
        return new(ErrorCode.None, IsWrite: true);
    }

    private void AddTopic(TopicCreated entry)
    {
        var logs = new PartitionLog[entry.Partitions];
        for (int i = 0; i < logs.Length; i++)
        {
            var id = new TopicPartition(entry.Name, i);
            logs[i] = new PartitionLog(disk, options, changed, id, FolderOf(id));
        }

        // Readers look topics up beside the loop, so the table that they see never changes.
        topics = new Dictionary<string, Topic>(topics, StringComparer.Ordinal) { [entry.Name] = new Topic(entry.Name, entry.Id, entry.Settings, logs) };
        topicIds[entry.Id] = entry.Name;
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
