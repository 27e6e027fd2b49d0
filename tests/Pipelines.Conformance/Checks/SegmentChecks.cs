using Pipelines.Conformance.Brokers;
using Pipelines.Conformance.Programs;

namespace Pipelines.Conformance.Checks;

/// <summary>What lies on disk is read by Kafka's own segment reader, record by record.</summary>
public sealed class SegmentChecks(Bench bench)
{
    [Theory, OnEachBroker]
    public async Task DumpLogSegments_reads_every_segment(BrokerKind broker)
    {
        Waiting.For(Client.JavaMissing());
        BrokerUnderTest at = await bench.BrokerAsync(broker);
        Waiting.For(at.Logs is null ? "the data folder of the broker at the given address" : null);
        string topic = Bench.Unique("segments");
        foreach (string codec in new[] { "none", "gzip", "zstd" })
        {
            string[] arguments =
            [
                "--bootstrap-server", at.Bootstrap, "--topic", topic, "--num-records", "300", "--record-size", "50", "--throughput", "-1",
                "--transaction-duration-ms", "50", "--command-property", $"compression.type={codec}",
            ];
            (await JavaProgram.RunAsync("org.apache.kafka.tools.ProducerPerformance", arguments)).Succeeded();
        }

        string[] files = [.. Directory.GetFiles(at.Logs!, "*.log", SearchOption.AllDirectories)
            .Where(f => Path.GetDirectoryName(f)!.EndsWith($"{topic}-0", StringComparison.Ordinal))];
        Assert.NotEmpty(files);
        CommandResult dump = (await JavaProgram.RunAsync("org.apache.kafka.tools.DumpLogSegments", ["--deep-iteration", "--files", string.Join(',', files)])).Succeeded();
        Assert.Equal(900, dump.Lines.Count(l => l.Contains("valueSize: 50 ", StringComparison.Ordinal)));
        Assert.Contains("endTxnMarker: COMMIT", dump.Output, StringComparison.Ordinal);
        Assert.Contains("compresscodec: gzip", dump.Output, StringComparison.Ordinal);
        Assert.Contains("compresscodec: zstd", dump.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Found non-consecutive offset", dump.Output, StringComparison.Ordinal);
    }
}
