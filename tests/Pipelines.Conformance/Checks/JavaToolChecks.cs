using System.Text.Json.Nodes;
using Pipelines.Conformance.Brokers;
using Pipelines.Conformance.Programs;

namespace Pipelines.Conformance.Checks;

/// <summary>The programs with which Kafka is tested and measured, unchanged.</summary>
public sealed class JavaToolChecks(Bench bench)
{
    private const string Tools = "org.apache.kafka.tools.";

    private async Task<string> Bootstrap(BrokerKind broker)
    {
        Waiting.For(Client.JavaMissing());
        return (await bench.BrokerAsync(broker)).Bootstrap;
    }

    private static Task<CommandResult> Run(string tool, params string[] arguments) => JavaProgram.RunAsync(Tools + tool, arguments);

    /// <summary>The events that a verifiable program printed, one JSON object a line.</summary>
    private static JsonNode[] Events(CommandResult result, string name) =>
        [.. result.Lines.Where(l => l.StartsWith('{')).Select(l => JsonNode.Parse(l)!).Where(e => (string?)e["name"] == name)];

    [Theory, OnEachBroker]
    public async Task Producer_and_consumer_performance(BrokerKind broker)
    {
        string bootstrap = await Bootstrap(broker), topic = Bench.Unique("performance");
        string[] common = ["--topic", topic, "--num-records", "20000", "--record-size", "100", "--throughput", "-1", "--bootstrap-server", bootstrap];
        CommandResult plain = (await Run("ProducerPerformance", [.. common, "--command-property", "acks=all", "compression.type=lz4"])).Succeeded();
        Assert.Contains("20000 records sent", plain.Output, StringComparison.Ordinal);
        CommandResult transactional = (await Run("ProducerPerformance", [.. common, "--transaction-duration-ms", "50"])).Succeeded();
        Assert.Contains("20000 records sent", transactional.Output, StringComparison.Ordinal);
        CommandResult read = (await Run(
            "ConsumerPerformance", "--bootstrap-server", bootstrap, "--topic", topic, "--num-records", "40000", "--timeout", "20000")).Succeeded();
        Assert.Equal("40000", read.Lines[^1].Split(", ")[4]);
    }

    [Theory, OnEachBroker]
    public async Task Verifiable_producer_copier_and_consumer(BrokerKind broker)
    {
        string bootstrap = await Bootstrap(broker), input = Bench.Unique("verifiable"), output = Bench.Unique("copied");
        CommandResult produced = (await Run("VerifiableProducer", "--bootstrap-server", bootstrap, "--topic", input, "--max-messages", "300")).Succeeded();
        Assert.Equal(300, Events(produced, "producer_send_success").Length);

        CommandResult copied = (await Run(
            "TransactionalMessageCopier", "--broker-list", bootstrap, "--transactional-id", Bench.Unique("copier"), "--consumer-group", Bench.Unique("copiers"),
            "--input-topic", input, "--output-topic", output, "--input-partition", "0", "--transaction-size", "50", "--transaction-timeout", "20000",
            "--enable-random-aborts", "--use-group-metadata")).Succeeded();
        Assert.Contains("\"stage\":\"ShutdownComplete\"", copied.Output, StringComparison.Ordinal);

        CommandResult consumed = (await Run(
            "VerifiableConsumer", "--bootstrap-server", bootstrap, "--topic", output, "--group-id", Bench.Unique("verifiers"), "--max-messages", "300",
            "--reset-policy", "earliest", "--verbose")).Succeeded();
        // Aborted copies are hidden from nobody here: this program reads uncommitted, so it sees at least every record once.
        string[] values = [.. Events(consumed, "record_data").Select(e => (string)e["value"]!)];
        Assert.True(values.Length >= 300, $"{values.Length} records");
        Assert.All(Events(consumed, "offsets_committed"), e => Assert.True((bool)e["success"]!));
        CommandResult committed = (await JavaProgram.RunAsync(Tools + "consumer.ConsoleConsumer", ["--bootstrap-server", bootstrap, "--topic", output, "--from-beginning",
            "--max-messages", "300", "--timeout-ms", "20000", "--isolation-level", "read_committed"], logLevel: "off")).Succeeded();
        Assert.Equal(Enumerable.Range(0, 300), committed.Lines.Where(l => l.All(char.IsAsciiDigit)).Select(int.Parse));
    }

    [Theory, OnEachBroker]
    public async Task Client_compatibility_test(BrokerKind broker)
    {
        CommandResult result = (await Run(
            "ClientCompatibilityTest", "--bootstrap-server", await Bootstrap(broker), "--num-cluster-nodes", "1", "--topic", Bench.Unique("compatible"),
            "--offsets-for-times-supported", "true", "--cluster-id-supported", "true", "--expect-record-too-large-exception", "false",
            "--create-topics-supported", "true", "--describe-acls-supported", "true", "--describe-configs-supported", "true", "--idempotent-producer-supported", "true")).Succeeded();
        Assert.Contains("SUCCESS.", result.Output + result.Errors, StringComparison.Ordinal);
    }

    [Theory, OnEachBroker]
    public async Task End_to_end_latency(BrokerKind broker)
    {
        string topic = Bench.Unique("latency");
        // A topic that it makes itself it uses before Apache Kafka has told all of it.
        (await Run("TopicCommand", "--bootstrap-server", await Bootstrap(broker), "--create", "--topic", topic)).Succeeded();
        CommandResult result = (await Run("EndToEndLatency", await Bootstrap(broker), topic, "100", "all", "100")).Succeeded();
        Assert.Contains("Percentiles: 50th =", result.Output, StringComparison.Ordinal);
    }
}
