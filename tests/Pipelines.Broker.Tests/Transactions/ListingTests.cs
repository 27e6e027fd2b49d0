using Microsoft.Extensions.Time.Testing;
using Pipelines.Broker.Log;
using Pipelines.Broker.Tests.Support;
using Pipelines.Broker.Transactions;
using Pipelines.Protocol.Records;
using static Pipelines.Broker.Tests.Support.Engines;

namespace Pipelines.Broker.Tests.Transactions;

public sealed class ListingTests
{
    [Fact]
    public async Task Transactions_are_listed_by_phase_producer_age_and_name()
    {
        var clock = new FakeTimeProvider();
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk(), clock);
        Producer old = await Producer.OpenAsync(engine, "orders-old");
        await old.AddAsync(A0);
        clock.Advance(TimeSpan.FromSeconds(30));
        Producer young = await Producer.OpenAsync(engine, "orders-young");
        await young.AddAsync(A0);
        Producer done = await Producer.OpenAsync(engine, "payments");
        await done.CommitAsync(A0, "x");

        Assert.Equal(["orders-old", "orders-young", "payments"], await Names(new TransactionFilter()));
        Assert.Equal(["orders-old", "orders-young"], await Names(new TransactionFilter { Phases = [TransactionPhase.Ongoing] }));
        Assert.Equal(["payments"], await Names(new TransactionFilter { Phases = [TransactionPhase.CompleteCommit, TransactionPhase.Empty] }));
        Assert.Equal(["orders-young"], await Names(new TransactionFilter { ProducerIds = [young.Id] }));
        Assert.Equal(["orders-old"], await Names(new TransactionFilter { OpenFor = TimeSpan.FromSeconds(10) }));
        Assert.Equal(["orders-young", "payments"], await Names(new TransactionFilter { IdPattern = "orders-y.*|payments" }));
        Assert.Empty(await Names(new TransactionFilter { IdPattern = "orders" }));
        Assert.Equal(ErrorCode.InvalidRegularExpression, (await engine.ListTransactionsAsync(new TransactionFilter { IdPattern = "(" })).Error);
        Assert.Equal(ErrorCode.InvalidRegularExpression, (await engine.ListTransactionsAsync(new TransactionFilter { IdPattern = @"(a)\1" })).Error);

        async Task<IEnumerable<string>> Names(TransactionFilter filter)
        {
            (ErrorCode error, IReadOnlyList<TransactionListing> found) = await engine.ListTransactionsAsync(filter);
            Assert.Equal(ErrorCode.None, error);
            return found.Select(static transaction => transaction.TransactionalId);
        }
    }

    [Fact]
    public async Task A_description_tells_what_is_open_and_since_when()
    {
        var clock = new FakeTimeProvider();
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk(), clock);
        Producer producer = await Producer.OpenAsync(engine, "id", TimeSpan.FromSeconds(20));
        Assert.Null((await engine.DescribeTransactionAsync("id"))!.Began);
        clock.Advance(TimeSpan.FromSeconds(5));
        DateTimeOffset began = clock.GetUtcNow();
        await producer.AddAsync(B0, A1);
        clock.Advance(TimeSpan.FromSeconds(5));
        await producer.AddAsync(A0);
        TransactionDescription found = (await engine.DescribeTransactionAsync("id"))!;
        Assert.Equal((TransactionPhase.Ongoing, producer.Id, producer.Epoch, TimeSpan.FromSeconds(20), began), (found.Phase, found.ProducerId, found.Epoch, found.Timeout, found.Began));
        Assert.Equal([A0, A1, B0], found.Partitions);
        Assert.Null(await engine.DescribeTransactionAsync("none"));
    }

    [Fact]
    public async Task A_partition_tells_of_its_producers_also_after_a_restart()
    {
        var disk = new CrashDisk();
        ActiveProducer[] expected;
        await using (LogEngine engine = await WithTopicsAsync(disk, segmentBytes: 200))
        {
            long idempotent = (await engine.OpenProducerAsync()).ProducerId;
            await engine.AppendAsync(A0, Batches.Of(new BatchProducer(idempotent, 0, 10, false), "1", "2"));
            Producer producer = await Producer.OpenAsync(engine, "id");
            await engine.AppendAsync(A0, "between");
            await producer.AddAsync(A0);
            await producer.AppendAsync(A0, "3");
            await producer.AppendAsync(A0, "4");
            expected = [new(idempotent, 0, 11, 1_700_000_000_000, -1), new(producer.Id, 0, 1, 1_700_000_000_000, 3)];
            Assert.Equal(expected, await engine.DescribeProducersAsync(A0));
            Assert.Empty((await engine.DescribeProducersAsync(A1))!);
            Assert.Null(await engine.DescribeProducersAsync(new TopicPartition("none", 0)));
        }

        await using LogEngine again = await OpenAsync(disk.AfterKill(), segmentBytes: 200);
        Assert.True(again.Recovery.SegmentsFromCheckpoint > 0);
        Assert.Equal(expected, await again.DescribeProducersAsync(A0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_operator_aborts_a_whole_transaction_by_its_id_or_by_a_partition(bool byId)
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        Producer producer = await Producer.OpenAsync(engine, "id");
        Assert.Equal(ErrorCode.TransactionalIdNotFound, await engine.AbortTransactionAsync("none"));
        Assert.Equal(ErrorCode.InvalidTxnState, await engine.AbortTransactionAsync("id"));
        await producer.AddAsync(A0, A1);
        await producer.AppendAsync(A0, "1");
        await producer.AppendAsync(A1, "2");
        if (!byId)
        {
            Assert.Equal(ErrorCode.UnknownTopicOrPartition, await engine.AbortTransactionAsync(new TopicPartition("none", 0), producer.Id, 0));
            Assert.Equal(ErrorCode.InvalidProducerEpoch, await engine.AbortTransactionAsync(A0, producer.Id, -1));
            Assert.Equal(ErrorCode.None, await engine.AbortTransactionAsync(B0, producer.Id, 0));
            Assert.Equal(TransactionPhase.Ongoing, (await engine.DescribeTransactionAsync("id"))!.Phase);
        }

        Assert.Equal(ErrorCode.None, byId ? await engine.AbortTransactionAsync("id") : await engine.AbortTransactionAsync(A0, producer.Id, producer.Epoch));
        foreach (TopicPartition partition in (TopicPartition[])[A0, A1])
        {
            Assert.Empty(await Batches.ValuesAsync(engine, partition));
            Assert.Equal(engine.FindOffsets(partition)!.Value.HighWatermark, engine.FindOffsets(partition)!.Value.Stable);
        }

        Assert.Equal(ErrorCode.ProducerFenced, await producer.EndAsync(commit: true));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, (await producer.AppendAsync(A0, "late")).Error);
    }
}
