using Pipelines.Conformance.Brokers;
using Pipelines.Conformance.Programs;

namespace Pipelines.Conformance.Checks;

/// <summary>Kafka's command-line tools, as an operator uses them.</summary>
public sealed class JavaCommandChecks(Bench bench)
{
    private const string Tools = "org.apache.kafka.tools.";

    private async Task<string> Run(BrokerKind broker, string tool, string arguments, string? input = null)
    {
        Waiting.For(Client.JavaMissing());
        BrokerUnderTest at = await bench.BrokerAsync(broker);
        string type = tool.StartsWith("kafka.", StringComparison.Ordinal) ? tool : Tools + tool;
        string output = (await JavaProgram.RunAsync(type, ["--bootstrap-server", at.Bootstrap, .. arguments.Split(' ')], input, logLevel: "off")).Succeeded().Output;
        // Columns are padded to the longest name of them.
        return string.Join('\n', output.Split('\n').Select(l => string.Join(' ', l.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))));
    }

    [Theory, OnEachBroker]
    public async Task Console_producer_and_consumer(BrokerKind broker)
    {
        string topic = Bench.Unique("console");
        await Run(broker, "ConsoleProducer", $"--topic {topic} --reader-property parse.key=true --reader-property key.separator=: --reader-property null.marker=NULL", "a:1\nb:2\nc:NULL\n");
        string read = await Run(broker, "consumer.ConsoleConsumer",
            $"--topic {topic} --from-beginning --max-messages 3 --timeout-ms 20000 --formatter-property print.key=true --formatter-property print.offset=true");
        Assert.Equal("Offset:0 a 1\nOffset:1 b 2\nOffset:2 c null", read.Trim());
    }

    [Theory, OnEachBroker]
    public async Task Topics_settings_and_offsets(BrokerKind broker)
    {
        string topic = Bench.Unique("commanded");
        await Run(broker, "TopicCommand", $"--create --topic {topic} --partitions 2 --config retention.ms=88000");
        string described = await Run(broker, "TopicCommand", $"--describe --topic {topic}");
        Assert.Contains("PartitionCount: 2 ReplicationFactor: 1", described, StringComparison.Ordinal);
        Assert.Contains("retention.ms=88000", described, StringComparison.Ordinal);
        await Run(broker, "kafka.admin.ConfigCommand", $"--alter --entity-type topics --entity-name {topic} --add-config max.message.bytes=2000000 --delete-config retention.ms");
        string settings = await Run(broker, "kafka.admin.ConfigCommand", $"--describe --entity-type topics --entity-name {topic}");
        Assert.Contains("max.message.bytes=2000000", settings, StringComparison.Ordinal);
        Assert.DoesNotContain("retention.ms=88000", settings, StringComparison.Ordinal);
        Assert.Equal($"{topic}:0:0\n{topic}:1:0", (await Run(broker, "GetOffsetShell", $"--topic {topic}")).Trim());
        Assert.Contains(topic, await Run(broker, "TopicCommand", "--list"), StringComparison.Ordinal);
        await Run(broker, "TopicCommand", $"--delete --topic {topic}");
    }

    [Theory, OnEachBroker]
    public async Task Groups_and_transactions(BrokerKind broker)
    {
        string topic = Bench.Unique("grouped"), group = Bench.Unique("group");
        await Run(broker, "ProducerPerformance", $"--topic {topic} --num-records 20 --record-size 10 --throughput -1 --transactional-id {group}");
        await Run(broker, "consumer.ConsoleConsumer", $"--topic {topic} --group {group} --from-beginning --max-messages 20 --timeout-ms 20000");
        // The position is behind the last record, or behind the marker after it when the fetch held both.
        Assert.Matches($"{group} {topic} 0 (20 21 1|21 21 0) - - -", await Run(broker, "consumer.group.ConsumerGroupCommand", $"--describe --group {group}"));
        Assert.Contains($"{group} {topic} 0 5", await Run(broker, "consumer.group.ConsumerGroupCommand", $"--reset-offsets --group {group} --topic {topic} --to-offset 5 --execute"), StringComparison.Ordinal);
        Assert.Contains($"{group} Classic consumer", await Run(broker, "GroupsCommand", "--list"), StringComparison.Ordinal);
        Assert.Contains("CompleteCommit", await Run(broker, "TransactionsCommand", $"describe --transactional-id {group}"), StringComparison.Ordinal);
        Assert.Contains(group, await Run(broker, "TransactionsCommand", "list"), StringComparison.Ordinal);
        Assert.Contains("ProducerId", await Run(broker, "TransactionsCommand", $"describe-producers --topic {topic} --partition 0"), StringComparison.Ordinal);
        Assert.Contains("successful", await Run(broker, "consumer.group.ConsumerGroupCommand", $"--delete --group {group}"), StringComparison.Ordinal);
    }
}
