using System.CommandLine;
using Pipelines.Cli.Arguments;
using Pipelines.Cli.Cluster;
using Pipelines.Cli.Output;
using Pipelines.Protocol.Messages;

namespace Pipelines.Cli.Commands.Topics;

/// <summary><c>pipelines topics alter</c>: settings, and more partitions.</summary>
internal static class AlterTopic
{
    internal static Command Create(CommandHost host)
    {
        var name = new Argument<string>("topic") { Description = "The topic to change." };
        var partitions = new Option<int?>("--partitions") { Description = "How many partitions it has afterwards; there can only be more. Records of a key may then go to another partition.", HelpName = "N" };
        var set = new Option<string[]>("--set") { Description = "A setting, such as retention.ms=86400000. May be repeated.", HelpName = "NAME=VALUE" };
        var unset = new Option<string[]>("--unset") { Description = "A setting to take back to what is usual. May be repeated.", HelpName = "NAME" };
        var command = new Command("alter", "Changes the settings of a topic, or adds partitions.") { name, partitions, set, unset };
        return host.Complete(
            command,
            (parsed, session) => AlterAsync(session, parsed.GetValue(name)!, parsed.GetValue(partitions), NamedValues.Parse(parsed.GetValue(set), "--set"), parsed.GetValue(unset) ?? []),
            "pipelines topics alter ticks --partitions 12",
            "pipelines topics alter ticks --set retention.ms=86400000 --unset segment.bytes");
    }

    private static async Task AlterAsync(Session session, string name, int? partitions, IReadOnlyList<(string Name, string Value)> set, string[] unset)
    {
        if (partitions is null && set.Count == 0 && unset.Length == 0) throw new UsageException("There is nothing to change. Write --partitions, --set or --unset.");
        if (set.Count > 0 || unset.Length > 0)
        {
            await TopicSettings.ChangeAsync(session, name, set, unset);
            session.Say($"Changed {Plural.Of(set.Count + unset.Length, "setting")} of topic '{name}'.", ("topic", name), ("result", "altered"), ("settings", set.Count + unset.Length));
        }

        if (partitions is not { } count) return;
        CreatePartitionsResponse answer = await session.AskControllerAsync(new CreatePartitionsRequest
        {
            Topics = [new() { Name = name, Count = count, Assignments = null }],
            TimeoutMs = 20_000,
        });
        foreach (CreatePartitionsResponse.CreatePartitionsTopicResult topic in answer.Results) Errors.Check(topic.ErrorCode, $"Topic '{name}'", topic.ErrorMessage);
        session.Say($"Topic '{name}' has {Plural.Of(count, "partition")} now.", ("topic", name), ("result", "altered"), ("partitions", count));
    }
}
