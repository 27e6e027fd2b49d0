using System.Text.RegularExpressions;
using Pipelines.Kafka.Tests.Brokers;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Security;
using Pipelines.Runtime.Clients;
using KafkaTools = Pipelines.Tests.Kafka;

namespace Pipelines.Kafka.Tests.Messages;

/// <summary>Whoever follows the messages, one after the other, ends with a worker that may do all it has to, on the shipped broker and on Apache Kafka.</summary>
public sealed partial class AccessTests
{
    /// <summary>What a worker needs that makes its own topics; docs/kafka.md lists the same.</summary>
    private static readonly string[] Needed =
    [
        "Create topic app.progress", "Create topic app.dead-letters", "Create topic app.counter.changelog", "Create topic numbers", "Create topic counted",
        "Describe topic app.progress", "Describe topic app.dead-letters", "Describe topic app.counter.changelog", "Describe topic numbers", "Describe topic counted",
        "DescribeConfigs topic app.progress", "DescribeConfigs topic app.dead-letters", "DescribeConfigs topic app.counter.changelog", "DescribeConfigs topic numbers", "DescribeConfigs topic counted",
        "Read topic app.progress", "Read topic app.counter.changelog", "Read topic numbers",
        "Write topic app.progress", "Write topic app.counter.changelog", "Write topic counted",
        "Read group app", "Read group app.counter", "Write transactional-id app-*",
    ];

    public static TheoryData<SeamKind> Clusters => [SeamKind.Shipped, SeamKind.ApacheKafka];

    [GeneratedRegex(@"'User:alice' may not (\w+) [\w ]+ '[^']+'; allow it with: kafka-acls\.sh --bootstrap-server ([\d.:]+) --add --allow-principal 'User:alice' --operation (\w+) --([\w-]+) (\S+)(?: --resource-pattern-type (prefixed))?$")]
    private static partial Regex Command { get; }

    [GeneratedRegex(@"--([\w-]+) (\S+)")]
    private static partial Regex Option { get; }

    [Theory(Timeout = 300_000), MemberData(nameof(Clusters))]
    public async Task Every_right_that_is_missing_is_named_with_the_command_that_gives_it(SeamKind kind)
    {
        await using GuardedBroker broker = await GuardedBroker.StartAsync(kind);
        await using BrokerConnection administrator = await broker.AdministerAsync();
        var allowed = new List<string>();
        int repeats = 0;
        string refused;
        while ((refused = await RunAsync(broker)).Length > 0)
        {
            Match command = Command.Match(refused);
            Assert.True(command.Success, refused);
            Assert.Equal(broker.Bootstrap, command.Groups[2].Value);
            Assert.Equal(command.Groups[1].Value, command.Groups[3].Value);
            string right = $"{command.Groups[3].Value} {command.Groups[4].Value} {command.Groups[5].Value}{(command.Groups[6].Success ? "*" : "")}";
            if (allowed.Contains(right))
            {
                // Apache Kafka answers before all that decides has heard of a new right.
                Assert.True(kind == SeamKind.ApacheKafka && ++repeats < 20, $"{right} was allowed, and is refused again.");
                await Task.Delay(100);
                continue;
            }

            allowed.Add(right);
            await AllowAsync(administrator, command.Groups[3].Value, command.Groups[4].Value, command.Groups[5].Value, command.Groups[6].Success);
        }

        // Write and Read include Describe, so that is not always asked for by itself.
        Assert.All(allowed, static right => Assert.Contains(right.Replace("Describe group", "Read group", StringComparison.Ordinal).Replace("Describe transactional-id", "Write transactional-id", StringComparison.Ordinal), Needed));
        Assert.All(Needed.Where(static right => !right.StartsWith("Describe ", StringComparison.Ordinal)), right => Assert.Contains(right, allowed));
    }

    [Theory(Timeout = 300_000), MemberData(nameof(Clusters))]
    public async Task The_rights_on_the_page_are_enough(SeamKind kind)
    {
        await using GuardedBroker broker = await GuardedBroker.StartAsync(kind);
        await using BrokerConnection administrator = await broker.AdministerAsync();
        foreach (string line in Page.Read().Where(static line => line.StartsWith("$acl ", StringComparison.Ordinal)))
        {
            string command = line.Replace("fraud", "app", StringComparison.Ordinal).Replace("authorization_attempts", "numbers", StringComparison.Ordinal).Replace("possible_app", "counted", StringComparison.Ordinal);
            MatchCollection options = Option.Matches(command);
            string Value(string name) => options.Last(option => option.Groups[1].Value == name).Groups[2].Value;
            string kindOf = new[] { "topic", "group", "transactional-id" }.Single(name => options.Any(option => option.Groups[1].Value == name));
            foreach (Match operation in options.Where(static option => option.Groups[1].Value == "operation"))
                await AllowAsync(administrator, operation.Groups[2].Value, kindOf, Value(kindOf), isPrefix: options.Any(static option => option.Groups[2].Value == "prefixed"));
        }

        // The page leaves topics of others to others.
        await using (KafkaBroker others = new(broker.AdministratorOptions))
        {
            await others.CreateTopicAsync("numbers", 1, isCompacted: false);
            await others.CreateTopicAsync("counted", 1, isCompacted: false);
        }

        Assert.Equal("", await RunAsync(broker));
    }

    [Fact(Timeout = 300_000)]
    public async Task The_commands_are_those_of_Apache_Kafka()
    {
        KafkaTools.Require();
        await using GuardedBroker broker = await GuardedBroker.StartAsync(SeamKind.ApacheKafka);
        KafkaOptions options = broker.AdministratorOptions with { Connection = new() { Credentials = new SaslCredentials(SaslMechanism.Plain, "alice", "") } };
        foreach (Right right in (Right[])[Right.OnTopic("Create", "app.progress"), Right.OnGroup("Read", "app"), Right.OnTransactionalId("Write", "app-0123abcd")])
        {
            string command = right.Explain(options).Split("kafka-acls.sh ")[1];
            string output = await KafkaTools.RunAsync(["org.apache.kafka.tools.AclCommand", .. command.Replace("'", "", StringComparison.Ordinal).Split(' ')]);
            Assert.Contains($"operation={right.Operation.ToUpperInvariant()}", output, StringComparison.Ordinal);
        }
    }

    /// <summary>Runs the program until it has counted a record, or ends.</summary>
    /// <returns>What it ended with; empty when it had the rights for everything.</returns>
    private static async Task<string> RunAsync(GuardedBroker broker)
    {
        await using Started program = Started.Run(broker.Settings());
        bool isFed = false;
        long began = TimeProvider.System.GetTimestamp();
        await using KafkaBroker administrator = new(broker.AdministratorOptions);
        while (!program.Ending.IsCompleted)
        {
            // These end nothing, but are said.
            if (program.Log.All.FirstOrDefault(static line => line.StartsWith("Warning: ", StringComparison.Ordinal) && line.Contains("; allow it with: ", StringComparison.Ordinal)) is { } warning) return warning;
            if (program.Pipelines.IsStarted && !isFed)
            {
                isFed = true;
                await using RecordWriter writer = await RecordWriter.OpenAsync(administrator, "feeder");
                await writer.PrepareAsync("numbers");
                writer.Send(new Number("key", 1));
                await writer.CommitAsync();
            }

            // Where tools look for the lag.
            if (isFed && await administrator.GetCommittedOffsetAsync("app.counter", "numbers", 0) > 0) return "";
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(40), string.Join(Environment.NewLine, program.Log.All));
            await Task.Delay(20);
        }

        return await program.RefusedAsync();
    }

    private static async Task AllowAsync(BrokerConnection administrator, string operation, string kind, string name, bool isPrefix)
    {
        CreateAclsResponse answer = await administrator.SendAsync(new CreateAclsRequest
        {
            Creations =
            [
                new()
                {
                    // Source: Kafka protocol, resource types, pattern types and operations of access control lists.
                    ResourceType = kind switch { "topic" => 2, "group" => 3, _ => 5 },
                    ResourcePatternType = (sbyte)(isPrefix ? 4 : 3),
                    ResourceName = name,
                    Principal = "User:alice",
                    Host = "*",
                    Operation = operation switch { "Read" => 3, "Write" => 4, "Create" => 5, "Delete" => 6, "Describe" => 8, "DescribeConfigs" => 10, string other => throw new InvalidOperationException(other) },
                    PermissionType = 3,
                },
            ],
        });
        Assert.Equal(0, answer.Results.Single().ErrorCode);
    }
}
