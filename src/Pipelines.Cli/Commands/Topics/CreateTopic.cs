using System.CommandLine;
using Pipelines.Cli.Arguments;
using Pipelines.Cli.Cluster;
using Pipelines.Cli.Output;
using Pipelines.Protocol.Messages;

namespace Pipelines.Cli.Commands.Topics;

/// <summary><c>pipelines topics create</c>.</summary>
internal static class CreateTopic
{
    internal static Command Create(CommandHost host)
    {
        var names = new Argument<string[]>("topic") { Description = "The names of the new topics.", Arity = ArgumentArity.OneOrMore };
        var partitions = new Option<int>("--partitions") { Description = "The number of partitions; the broker's usual one when not given.", DefaultValueFactory = static _ => -1, HelpName = "N" };
        var replicas = new Option<short>("--replicas") { Description = "The number of brokers that keep a copy.", DefaultValueFactory = static _ => 1, HelpName = "N" };
        var set = new Option<string[]>("--set") { Description = "A setting, such as cleanup.policy=compact. May be repeated.", HelpName = "NAME=VALUE" };
        var ifAbsent = new Option<bool>("--if-absent") { Description = "Leave a topic that exists as it is." };
        var command = new Command("create", "Creates topics.") { names, partitions, replicas, set, ifAbsent };
        return host.Complete(
            command,
            (parsed, session) => CreateAsync(
                session, parsed.GetValue(names)!, parsed.GetValue(partitions), parsed.GetValue(replicas), NamedValues.Parse(parsed.GetValue(set), "--set"), parsed.GetValue(ifAbsent)),
            "pipelines topics create ticks --partitions 6",
            "pipelines topics create accounts --set cleanup.policy=compact --if-absent");
    }

    private static async Task CreateAsync(Session session, string[] names, int partitions, short replicas, IReadOnlyList<(string Name, string Value)> settings, bool ifAbsent)
    {
        if (partitions is 0 or < -1) throw new UsageException($"A topic cannot have {partitions} partitions. Write --partitions with a number from 1.");
        CreateTopicsResponse answer = await session.AskControllerAsync(new CreateTopicsRequest
        {
            Topics = [.. names.Distinct().Select(name => new CreateTopicsRequest.CreatableTopic
            {
                Name = name,
                NumPartitions = partitions,
                ReplicationFactor = replicas,
                Configs = [.. settings.Select(static setting => new CreateTopicsRequest.CreatableTopicConfig { Name = setting.Name, Value = setting.Value })],
            })],
        });
        foreach (CreateTopicsResponse.CreatableTopicResult topic in answer.Topics)
        {
            if (ifAbsent && topic.ErrorCode == (short)Broker.ErrorCode.TopicAlreadyExists)
            {
                session.Say($"Topic '{topic.Name}' exists already.", ("topic", topic.Name), ("result", "exists"));
                continue;
            }

            Errors.Check(topic.ErrorCode, $"Topic '{topic.Name}'", topic.ErrorMessage);
            int? count = topic.NumPartitions > 0 ? topic.NumPartitions : null;
            session.Say(
                count is null ? $"Created topic '{topic.Name}'." : $"Created topic '{topic.Name}' with {Plural.Of(count.Value, "partition")}.",
                ("topic", topic.Name), ("result", "created"), ("partitions", count));
        }
    }
}
