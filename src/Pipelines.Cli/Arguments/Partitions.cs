using System.Globalization;
using Pipelines.Broker.Log;
using Pipelines.Cli.Cluster;

namespace Pipelines.Cli.Arguments;

/// <summary>Partitions as they are typed: <c>ticks</c> for all of a topic, <c>ticks:0</c> or <c>ticks:0,3</c> for some.</summary>
internal static class Partitions
{
    /// <summary>The forms, for help.</summary>
    internal const string Forms = "TOPIC[:N,...]";

    /// <summary>The partitions that were typed.</summary>
    /// <exception cref="UsageException">One is not in this form.</exception>
    /// <exception cref="CommandException">One does not exist.</exception>
    internal static async Task<(TopicView Topics, IReadOnlyList<TopicPartition> Partitions)> ResolveAsync(Session session, IReadOnlyCollection<string> texts)
    {
        List<(string Topic, int[] Numbers)> typed = [.. texts.Select(Parse)];
        TopicView topics = await TopicView.OfAsync(session, typed.Select(static one => one.Topic));
        var partitions = new List<TopicPartition>();
        foreach ((string topic, int[] numbers) in typed)
        {
            if (numbers.Length == 0) partitions.AddRange(topics.Partitions.Where(partition => partition.Topic == topic));
            foreach (int number in numbers)
            {
                var partition = new TopicPartition(topic, number);
                topics.LeaderOf(partition);
                partitions.Add(partition);
            }
        }

        return (topics, [.. partitions.Distinct()]);
    }

    /// <summary>Takes one apart; no numbers mean all.</summary>
    internal static (string Topic, int[] Numbers) Parse(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return (text, []);
        var numbers = new List<int>();
        foreach (string number in text[(colon + 1)..].Split(','))
        {
            if (colon == 0 || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int parsed)) throw new UsageException($"'{text}' names no partitions. Write {Forms}, such as ticks or ticks:0,3.");
            numbers.Add(parsed);
        }

        return (text[..colon], [.. numbers]);
    }
}
