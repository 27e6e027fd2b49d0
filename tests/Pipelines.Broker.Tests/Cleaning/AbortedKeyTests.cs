using Pipelines.Broker.Log;
using Pipelines.Broker.Tests.Support;
using Pipelines.Broker.Transactions;
using Pipelines.Protocol.Records;
using static Pipelines.Broker.Tests.Support.Engines;

namespace Pipelines.Broker.Tests.Cleaning;

/// <summary>A record whose transaction was aborted does not count as the last one of its key.</summary>
public sealed class AbortedKeyTests
{
    [Fact]
    public async Task An_aborted_record_takes_no_record_of_its_key_out() => Assert.Contains("kept", await ValuesAsync(Protections.None));

    [Fact]
    public async Task Without_the_rule_it_does() => Assert.DoesNotContain("kept", await ValuesAsync(Protections.AbortedKeys));

    private static async Task<string[]> ValuesAsync(Protections off)
    {
        await using LogEngine engine = await LogEngine.OpenAsync(new EngineOptions { Disk = new CrashDisk(), HousekeepingInterval = TimeSpan.FromMilliseconds(1), Off = off });
        var settings = new Dictionary<string, string> { ["cleanup.policy"] = "compact", ["min.cleanable.dirty.ratio"] = "0", ["segment.bytes"] = "300" };
        Assert.Equal(ErrorCode.None, await engine.CreateTopicAsync("a", 1, settings));
        await engine.AppendAsync(A0, "kept");
        ProducerIdentity producer = await engine.OpenProducerAsync("id");
        AppendResult aborted = await engine.AppendAsync(A0, Batches.Of(new BatchProducer(producer.ProducerId, producer.Epoch, 0, IsTransactional: true), "aborted"), "id", TransactionProtocol.Implicit);
        Assert.Equal(ErrorCode.None, aborted.Error);
        Assert.Equal(ErrorCode.None, await engine.EndTransactionAsync("id", producer.ProducerId, producer.Epoch, commit: false));
        // Fills segments under another key, until the first of those records was compacted away, and with it what is before.
        long first = await OtherAsync();
        var left = new List<Seen>();
        for (int i = 0; i < 10_000; i++)
        {
            await OtherAsync();
            (left, _) = await Batches.ReadAllAsync(engine, A0);
            if (!left.Exists(record => record.Offset == first)) break;
        }

        Assert.DoesNotContain(left, record => record.Offset == first);
        return [.. left.Select(static record => record.Value)];

        async Task<long> OtherAsync()
        {
            var other = new RecordBatchWriter();
            other.Add(1, "other"u8, "value"u8);
            return (await engine.AppendAsync(A0, other.Complete(BatchProducer.None))).BaseOffset;
        }
    }
}
