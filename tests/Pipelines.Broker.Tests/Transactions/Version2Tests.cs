using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Tests.Support;
using Pipelines.Broker.Transactions;
using Pipelines.Protocol.Records;
using static Pipelines.Broker.Tests.Support.Engines;

namespace Pipelines.Broker.Tests.Transactions;

/// <summary>Transactions of version 2, KIP-890 part 2.</summary>
public sealed class Version2Tests
{
    [Fact]
    public async Task Records_and_offsets_join_by_themselves_and_every_end_brings_the_next_epoch()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        ProducerIdentity mine = await engine.OpenProducerAsync("id");
        Assert.Equal(new AppendResult(ErrorCode.None, 0), await SendAsync(engine, mine, A0, 0, "1"));
        Assert.Equal(new AppendResult(ErrorCode.None, 1), await SendAsync(engine, mine, A0, 1, "2"));
        Assert.Equal(ErrorCode.None, await engine.AddOffsetsAsync("id", mine.ProducerId, mine.Epoch, "g", [new GroupOffset(A1, 7)]));
        Assert.Equal([A0], (await engine.DescribeTransactionAsync("id"))!.Partitions);

        ProducerIdentity second = await EndAsync(engine, mine, commit: true);
        Assert.Equal(new ProducerIdentity(ErrorCode.None, mine.ProducerId, 1), second);
        Assert.Equal(["1", "2"], await Batches.ValuesAsync(engine, A0));
        Assert.Equal(7, (await engine.FindOffsetAsync("g", A1, requireStable: true)).Offset?.Offset);

        // Sequences begin anew with the epoch, and the marker told the partition so.
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (await SendAsync(engine, second, A0, 2, "x")).Error);
        Assert.Equal(ErrorCode.None, (await SendAsync(engine, second, A0, 0, "3")).Error);
        ProducerIdentity third = await EndAsync(engine, second, commit: false);
        Assert.Equal(2, third.Epoch);
        Assert.Equal(["1", "2"], await Batches.ValuesAsync(engine, A0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_repeated_end_is_answered_with_the_same_epoch_until_the_next_transaction_begins_also_after_a_restart(bool commit)
    {
        var disk = new CrashDisk();
        ProducerIdentity mine;
        ProducerIdentity second;
        await using (LogEngine engine = await WithTopicsAsync(disk))
        {
            mine = await engine.OpenProducerAsync("id");
            await SendAsync(engine, mine, A0, 0, "1");
            second = await EndAsync(engine, mine, commit);
            Assert.Equal(second, await EndAsync(engine, mine, commit));
            Assert.Equal(ErrorCode.InvalidTxnState, (await EndAsync(engine, mine, !commit)).Error);
            Assert.Equal(commit ? TransactionPhase.CompleteCommit : TransactionPhase.CompleteAbort, (await engine.DescribeTransactionAsync("id"))!.Phase);
        }

        await using LogEngine again = await OpenAsync(disk.AfterPowerCut(new Random(1), keepChance: 0));
        Assert.Equal(second, await EndAsync(again, mine, commit));
        Assert.Equal(ErrorCode.InvalidTxnState, (await EndAsync(again, mine, !commit)).Error);
        Assert.Equal(ErrorCode.None, (await SendAsync(again, second, A0, 0, "2")).Error);
        Assert.Equal(ErrorCode.ProducerFenced, (await EndAsync(again, mine, commit)).Error);
        Assert.Equal(ErrorCode.ProducerFenced, (await EndAsync(again, mine, !commit)).Error);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, (await SendAsync(again, mine, A0, 1, "late")).Error);
        Assert.Equal(ErrorCode.ProducerFenced, await again.AddOffsetsAsync("id", mine.ProducerId, mine.Epoch, "g", [new GroupOffset(A1, 7)]));
        Assert.Equal(ErrorCode.None, (await EndAsync(again, second, commit: true)).Error);
        Assert.Equal(commit ? ["1", "2"] : ["2"], await Batches.ValuesAsync(again, A0));
    }

    [Fact]
    public async Task A_transaction_that_began_by_itself_outlives_the_engine()
    {
        var disk = new CrashDisk();
        LogEngine engine = await WithTopicsAsync(disk);
        ProducerIdentity mine = await engine.OpenProducerAsync("id");
        Assert.Equal(ErrorCode.None, (await SendAsync(engine, mine, A0, 0, "1")).Error);
        await using LogEngine again = await OpenAsync(disk.AfterPowerCut(new Random(1), keepChance: 0));
        Assert.Equal([A0], (await again.DescribeTransactionAsync("id"))!.Partitions);
        Assert.Equal(new AppendResult(ErrorCode.None, 0), await SendAsync(again, mine, A0, 0, "1"));
        Assert.Equal(ErrorCode.None, (await EndAsync(again, mine, commit: true)).Error);
        Assert.Equal(["1"], await Batches.ValuesAsync(again, A0));
        await engine.BuryAsync();
    }

    [Fact]
    public async Task An_end_of_nothing_brings_the_next_epoch_once()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        ProducerIdentity mine = await engine.OpenProducerAsync("id");
        ProducerIdentity second = await EndAsync(engine, mine, commit: true);
        Assert.Equal(1, second.Epoch);
        Assert.Equal(second, await EndAsync(engine, mine, commit: true));
        ProducerIdentity third = await EndAsync(engine, second, commit: false);
        Assert.Equal(2, third.Epoch);
        Assert.Equal(third, await EndAsync(engine, second, commit: false));
        Assert.Equal(ErrorCode.ProducerFenced, (await EndAsync(engine, mine, commit: true)).Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_last_epoch_is_followed_by_a_new_producer_id_also_for_who_asks_again(bool commit)
    {
        var disk = new CrashDisk();
        ProducerIdentity last;
        ProducerIdentity fresh;
        await using (LogEngine engine = await WithTopicsAsync(disk, durability: Durability.Os))
        {
            last = await engine.OpenProducerAsync("id");
            while (last.Epoch < 32_766) last = await EndAsync(engine, last, commit: true);
            await SendAsync(engine, last, A0, 0, "1");
            fresh = await EndAsync(engine, last, commit);
            Assert.Equal(ErrorCode.None, fresh.Error);
            Assert.Equal(0, fresh.Epoch);
            Assert.NotEqual(last.ProducerId, fresh.ProducerId);
            Assert.Equal(fresh, await EndAsync(engine, last, commit));
            Assert.Equal(commit ? ["1"] : [], await Batches.ValuesAsync(engine, A0));
            Assert.Equal(ErrorCode.InvalidProducerEpoch, (await SendAsync(engine, last, A0, 1, "late")).Error);
        }

        await using LogEngine again = await OpenAsync(disk.AfterKill());
        Assert.Equal(fresh, await EndAsync(again, last, commit));
        Assert.Equal(ErrorCode.None, (await SendAsync(again, fresh, A0, 0, "2")).Error);
        Assert.Equal(ErrorCode.ProducerFenced, (await EndAsync(again, last, commit)).Error);
        Assert.Equal(ErrorCode.None, (await EndAsync(again, fresh, commit: true)).Error);
        Assert.True((await again.OpenProducerAsync()).ProducerId > fresh.ProducerId);
    }

    [Fact]
    public async Task Opening_an_id_with_an_open_transaction_takes_one_epoch()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        ProducerIdentity mine = await engine.OpenProducerAsync("id");
        mine = await EndAsync(engine, mine, commit: true);
        await SendAsync(engine, mine, A0, 0, "gone");

        // KAFKA-19367: aborting and opening each took one there.
        ProducerIdentity other = await engine.OpenProducerAsync("id", current: (mine.ProducerId, mine.Epoch));
        Assert.Equal(new ProducerIdentity(ErrorCode.None, mine.ProducerId, (short)(mine.Epoch + 1)), other);
        Assert.Equal(ErrorCode.None, (await SendAsync(engine, other, A0, 0, "kept")).Error);
        Assert.Equal(ErrorCode.ProducerFenced, (await EndAsync(engine, mine, commit: true)).Error);
        Assert.Equal(ErrorCode.None, (await EndAsync(engine, other, commit: true)).Error);
        Assert.Equal(["kept"], await Batches.ValuesAsync(engine, A0));
    }

    [Fact]
    public async Task Who_lost_the_answer_to_an_end_may_ask_for_its_epoch_by_opening_itself()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        ProducerIdentity mine = await engine.OpenProducerAsync("id");
        await SendAsync(engine, mine, A0, 0, "1");
        ProducerIdentity second = await EndAsync(engine, mine, commit: true);
        Assert.Equal(second, await engine.OpenProducerAsync("id", current: (mine.ProducerId, mine.Epoch)));
    }

    [Fact]
    public async Task An_id_may_go_from_one_version_to_the_other_and_back()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        Producer old = await Producer.OpenAsync(engine, "id");
        await old.AddAsync(A0);
        await old.AppendAsync(A0, "1");
        Assert.Equal(ErrorCode.None, await old.EndAsync(commit: true));

        var same = new ProducerIdentity(ErrorCode.None, old.Id, old.Epoch);
        Assert.Equal(ErrorCode.None, (await SendAsync(engine, same, A1, 0, "2")).Error);
        ProducerIdentity next = await EndAsync(engine, same, commit: true);
        Assert.Equal(ErrorCode.ProducerFenced, await old.EndAsync(commit: true));

        var young = new Producer(engine, "id", next.ProducerId, next.Epoch);
        Assert.Equal(ErrorCode.None, await young.AddAsync(A0));
        Assert.Equal(ErrorCode.None, (await young.AppendAsync(A0, "3")).Error);
        Assert.Equal(ErrorCode.None, await young.EndAsync(commit: false));
        Assert.Equal(ErrorCode.None, await young.EndAsync(commit: false));
        // Whose last transaction was aborted may end the next one, which has nothing in it, as it likes.
        Assert.Equal(ErrorCode.None, (await EndAsync(engine, next, commit: true)).Error);
        Assert.Equal(["1"], await Batches.ValuesAsync(engine, A0));
        Assert.Equal(["2"], await Batches.ValuesAsync(engine, A1));
    }

    [Fact]
    public async Task Markers_bear_the_next_epoch_so_the_partition_itself_knows_that_this_one_is_over()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        ProducerIdentity mine = await engine.OpenProducerAsync("id");
        await SendAsync(engine, mine, A0, 0, "1");
        await EndAsync(engine, mine, commit: true);
        await engine.AppendAsync(A0, "after");
        using FetchResult marker = await engine.FetchAsync(A0, 1, 1, readCommitted: false, TimeSpan.Zero);
        Assert.True(RecordBatchHeader.TryRead(marker.Bytes, out RecordBatchHeader header));
        Assert.True(header.IsControl);
        Assert.Equal((short)1, header.ProducerEpoch);
        ActiveProducer producer = Assert.Single((await engine.DescribeProducersAsync(A0))!);
        Assert.Equal((mine.ProducerId, (short)1, -1, -1L), (producer.ProducerId, producer.Epoch, producer.LastSequence, producer.TransactionStart));
    }

    [Fact]
    public async Task A_refused_batch_begins_no_transaction()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        ProducerIdentity mine = await engine.OpenProducerAsync("id");
        byte[] torn = Batches.Of(new BatchProducer(mine.ProducerId, mine.Epoch, 0, true), "x");
        torn[^1] ^= 1;
        Assert.Equal(ErrorCode.CorruptMessage, (await engine.AppendAsync(A0, torn, "id", TransactionProtocol.Implicit)).Error);
        Assert.Equal(TransactionPhase.Empty, (await engine.DescribeTransactionAsync("id"))!.Phase);
        Assert.Equal(
            ErrorCode.InvalidProducerIdMapping,
            (await engine.AppendAsync(A0, Batches.Of(new BatchProducer(mine.ProducerId, mine.Epoch, 0, true), "x"), "other", TransactionProtocol.Implicit)).Error);
    }

    [Fact]
    public async Task A_transaction_that_is_open_too_long_is_aborted_and_its_end_refused()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk(), clock);
        ProducerIdentity mine = await engine.OpenProducerAsync("id", TimeSpan.FromSeconds(10));
        await SendAsync(engine, mine, A0, 0, "gone");
        clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(ErrorCode.InvalidTxnState, (await EndAsync(engine, mine, commit: true)).Error);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, (await SendAsync(engine, mine, A0, 1, "late")).Error);
        // Who aborts what is aborted goes on with the next epoch.
        Assert.Equal(new ProducerIdentity(ErrorCode.None, mine.ProducerId, (short)(mine.Epoch + 1)), await EndAsync(engine, mine, commit: false));
        Assert.Empty(await Batches.ValuesAsync(engine, A0));
        Assert.Equal(engine.FindOffsets(A0)!.Value.HighWatermark, engine.FindOffsets(A0)!.Value.Stable);
    }

    private static Task<AppendResult> SendAsync(LogEngine engine, ProducerIdentity producer, TopicPartition partition, int sequence, string value) =>
        engine.AppendAsync(partition, Batches.Of(new BatchProducer(producer.ProducerId, producer.Epoch, sequence, IsTransactional: true), value), "id", TransactionProtocol.Implicit);

    private static Task<ProducerIdentity> EndAsync(LogEngine engine, ProducerIdentity producer, bool commit) =>
        engine.EndTransactionAsync("id", producer.ProducerId, producer.Epoch, commit, version2: true);
}
