using Pipelines.Broker.Log;
using Pipelines.Broker.Tests.Support;
using Pipelines.Broker.Transactions;
using Pipelines.Protocol.Records;
using static Pipelines.Broker.Tests.Support.Engines;

namespace Pipelines.Broker.Tests.Transactions;

/// <summary>What a partition remembers of its producers comes back exactly: Apache Kafka was seen to leave a record twice after kill -9.</summary>
public sealed class IdempotentRecoveryTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Batches_in_flight_at_a_crash_are_there_once_and_in_order_when_they_are_sent_again(bool isKill)
    {
        int crashes = 0;
        int repeated = 0;
        for (int seed = 1; seed <= 60; seed++)
        {
            var random = new Random(seed);
            var scheduler = new SeededScheduler(new Random(-seed));
            scheduler.Run(() => RunAsync(random, scheduler));
        }

        Assert.True(crashes > 200, $"Only {crashes} crashes");
        Assert.True(repeated > 100, $"Only {repeated} batches were sent again though they were there");

        async Task RunAsync(Random random, SeededScheduler scheduler)
        {
            var disk = new CrashDisk();
            long id;
            await using (LogEngine engine = await OpenAsync(disk, scheduler))
            {
                await engine.CreateTopicAsync("a", 2);
                id = (await engine.OpenProducerAsync()).ProducerId;
            }

            var sent = new List<string>();
            int acknowledged = 0;
            for (int life = 0; life < 6; life++)
            {
                disk.CrashAt = life == 5 ? 0 : disk.Operations + random.Next(1, 120);
                try
                {
                    LogEngine engine = await OpenAsync(disk, scheduler);
                    string[] there = await Batches.ValuesAsync(engine, A0);
                    Assert.Equal(sent.Take(there.Length), there);
                    Assert.True(there.Length >= acknowledged, $"{acknowledged} were acknowledged, {there.Length} are there");
                    repeated += there.Length - acknowledged;
                    while (sent.Count < 60 * (life + 1) || acknowledged < sent.Count)
                    {
                        // As many as a client may have on the way; after a crash the same ones again.
                        while (sent.Count < acknowledged + 5) sent.Add($"{sent.Count}");
                        Task<AppendResult>[] flying = [.. Enumerable.Range(acknowledged, 5).Select(i => engine.AppendAsync(A0, Batches.Of(new BatchProducer(id, 0, i, false), sent[i])))];
                        foreach (Task<AppendResult> answer in flying)
                        {
                            Assert.Equal(new AppendResult(ErrorCode.None, acknowledged), await answer);
                            acknowledged++;
                        }
                    }

                    Assert.Equal(sent, await Batches.ValuesAsync(engine, A0));
                    await engine.DisposeAsync();
                }
                catch (Exception stop) when (stop is CrashedException or StorageFailedException)
                {
                    crashes++;
                }

                disk.Kill();
                disk = isKill ? disk.AfterKill() : disk.AfterPowerCut(random, random.NextDouble());
            }
        }
    }

    [Fact]
    public async Task A_batch_that_outlived_the_note_of_its_partition_is_not_taken_for_part_of_the_transaction()
    {
        var disk = new CrashDisk();
        bool isStuck = false;
        LogEngine engine = await WithTopicsAsync(disk);
        disk.Fault = (what, _) => isStuck && what == "flush" ? new IOException("stuck") : null;
        ProducerIdentity mine = await engine.OpenProducerAsync("id");
        isStuck = true;
        await Assert.ThrowsAsync<StorageFailedException>(() => SendAsync(engine));
        await engine.DisposeAsync();

        await using LogEngine again = await Engines.OpenAsync(disk.AfterPowerCut(new Random(1), static path => path.StartsWith("topics/", StringComparison.Ordinal) ? 1 : 0));
        Assert.Equal(["x"], await Batches.ValuesAsync(again, A0, readCommitted: false));
        Assert.Equal(1, again.Recovery.TransactionsAborted);
        // Told that it is there already, the producer would commit, and the record would stay aborted.
        Assert.Equal(ErrorCode.InvalidProducerEpoch, (await SendAsync(again)).Error);
        Assert.Equal(ErrorCode.ProducerFenced, (await again.EndTransactionAsync("id", mine.ProducerId, mine.Epoch, commit: true, version2: true)).Error);
        Assert.Equal(again.FindOffsets(A0)!.Value.HighWatermark, again.FindOffsets(A0)!.Value.Stable);

        Task<AppendResult> SendAsync(LogEngine engine) =>
            engine.AppendAsync(A0, Batches.Of(new BatchProducer(mine.ProducerId, mine.Epoch, 0, true), "x"), "id", TransactionProtocol.Implicit);
    }

    private static Task<LogEngine> OpenAsync(CrashDisk disk, SeededScheduler scheduler) =>
        LogEngine.OpenAsync(new EngineOptions { Disk = disk, Scheduler = scheduler, SegmentBytes = 700, JournalBytes = 5000, IndexIntervalBytes = 256 });
}
