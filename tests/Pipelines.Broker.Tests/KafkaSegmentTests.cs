using Pipelines.Broker.Disk;
using Pipelines.Broker.Log;
using Pipelines.Broker.Tests.Support;
using Pipelines.Broker.Transactions;
using Pipelines.Protocol.Records;
using static Pipelines.Broker.Tests.Support.Engines;

namespace Pipelines.Broker.Tests;

/// <summary>Our segment files, read by Apache Kafka's own tool.</summary>
public sealed class KafkaSegmentTests : IDisposable
{
    // Written by Kafka 4.3.1's MemoryRecords with gzip: three records.
    private const string Gzip =
        "000000000000000000000077FFFFFFFF02BB861C6D0001000000020000018BCFE568000000018BCFE5687BFFFFFFFFFFFFFFFFFFFFFFFFFFFF000000031F8B08000000000000FF5362606060C936142A4BCC294D55C8"
        + "CF4B65D060F8C6C8C4C89397AF909D5AC9C294C154C194C728C6709E9F85231D28CFC800004E2368E133000000";

    private readonly string folder = Directory.CreateTempSubdirectory("segments").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task DumpLogSegments_reads_every_kind_of_batch()
    {
        Kafka.Require();
        await using (LogEngine engine = await WithTopicsAsync(new PhysicalDisk(Path.Combine(folder, "data"))))
        {
            await engine.AppendAsync(A0, "plain", "two");
            ProducerIdentity idempotent = await engine.OpenProducerAsync();
            AppendResult appended = await engine.AppendAsync(A0, Batches.Of(new BatchProducer(idempotent.ProducerId, idempotent.Epoch, 0, IsTransactional: false), "once"));
            Assert.Equal(ErrorCode.None, appended.Error);
            Assert.Equal(ErrorCode.None, (await engine.AppendAsync(A0, Convert.FromHexString(Gzip))).Error);
            Producer producer = await Producer.OpenAsync(engine, "id");
            foreach (bool commit in (bool[])[true, false])
            {
                await producer.AddAsync(A0);
                Assert.Equal(ErrorCode.None, (await producer.AppendAsync(A0, $"commit {commit}")).Error);
                Assert.Equal(ErrorCode.None, await producer.EndAsync(commit));
            }
        }

        string ours = Directory.GetFiles(folder, "*" + Segment.Extension, SearchOption.AllDirectories).MaxBy(static path => new FileInfo(path).Length)!;
        string copy = Path.Combine(folder, "00000000000000000000.log");
        File.Copy(ours, copy);
        string dump = await Kafka.RunAsync("org.apache.kafka.tools.DumpLogSegments", "--deep-iteration", "--print-data-log", "--files", copy);
        string[] lines = dump.Split('\n');
        Assert.Equal(7, lines.Count(static line => line.StartsWith("baseOffset:", StringComparison.Ordinal) && line.Contains("isvalid: true", StringComparison.Ordinal)));
        Assert.Equal(10, lines.Count(static line => line.StartsWith("| offset:", StringComparison.Ordinal)));
        Assert.Contains("endTxnMarker: COMMIT", dump, StringComparison.Ordinal);
        Assert.Contains("endTxnMarker: ABORT", dump, StringComparison.Ordinal);
        Assert.Contains("compresscodec: gzip", dump, StringComparison.Ordinal);
        foreach (string problem in (string[])["isvalid: false", "Mismatches", "Non-consecutive", "invalid bytes"]) Assert.DoesNotContain(problem, dump, StringComparison.Ordinal);
    }
}
