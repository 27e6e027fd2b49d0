using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Tests.Support;
using Pipelines.Broker.Transactions;
using Pipelines.Protocol.Records;
using static Pipelines.Broker.Tests.Support.Engines;

namespace Pipelines.Broker.Tests.Transactions;

/// <summary>What is part of a transaction, and which error says that something is not.</summary>
public sealed class TransactionContentTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Several_groups_join_and_end_together_also_after_a_restart(bool commit)
    {
        var disk = new CrashDisk();
        Producer producer;
        await using (LogEngine engine = await WithTopicsAsync(disk))
        {
            producer = await Producer.OpenAsync(engine, "id");
            Assert.Equal(ErrorCode.InvalidTxnState, await Offsets(engine, "g", TransactionProtocol.Classic));
            Assert.Equal(ErrorCode.TransactionAbortable, await Offsets(engine, "g", TransactionProtocol.Abortable));
            Assert.Equal(ErrorCode.InvalidGroupId, await engine.AddGroupAsync("id", producer.Id, producer.Epoch, ""));
            Assert.Equal(TransactionPhase.Empty, (await engine.DescribeTransactionAsync("id"))!.Phase);
            Assert.Equal(ErrorCode.None, await engine.AddGroupAsync("id", producer.Id, producer.Epoch, "g"));
            Assert.Equal(ErrorCode.None, await engine.AddGroupAsync("id", producer.Id, producer.Epoch, "h"));
            Assert.Equal(ErrorCode.None, await engine.AddGroupAsync("id", producer.Id, producer.Epoch, "idle"));
            Assert.Equal(ErrorCode.None, await Offsets(engine, "g", TransactionProtocol.Classic));
            Assert.Equal(ErrorCode.InvalidTxnState, await Offsets(engine, "k", TransactionProtocol.Classic));
        }

        await using LogEngine again = await OpenAsync(disk.AfterPowerCut(new Random(1), keepChance: 0), journalBytes: 1);
        Assert.Equal(["g", "h", "idle"], (await again.DescribeTransactionAsync("id"))!.Groups);
        Assert.Equal(ErrorCode.None, await Offsets(again, "h", TransactionProtocol.Abortable));
        Assert.Equal(ErrorCode.UnstableOffsetCommit, (await again.FindOffsetAsync("g", A1, requireStable: true)).Error);
        Assert.Equal(ErrorCode.UnstableOffsetCommit, (await again.FindOffsetAsync("h", A1, requireStable: true)).Error);
        Assert.Equal(ErrorCode.None, (await again.FindOffsetAsync("idle", A1, requireStable: true)).Error);
        Assert.Equal(ErrorCode.None, await producer.On(again).EndAsync(commit));
        foreach (string group in (string[])["g", "h"]) Assert.Equal(commit ? 7 : null, (await again.FindOffsetAsync(group, A1, requireStable: true)).Offset?.Offset);
        Assert.Null((await again.FindOffsetAsync("idle", A1)).Offset);

        Task<ErrorCode> Offsets(LogEngine engine, string group, TransactionProtocol protocol) =>
            engine.AddOffsetsAsync("id", producer.Id, producer.Epoch, group, [new GroupOffset(A1, 7)], protocol);
    }

    [Fact]
    public async Task A_group_alone_is_a_transaction_that_may_end()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        Producer producer = await Producer.OpenAsync(engine, "id");
        Assert.Equal(ErrorCode.None, await engine.AddGroupAsync("id", producer.Id, producer.Epoch, "g"));
        Assert.Equal(TransactionPhase.Ongoing, (await engine.DescribeTransactionAsync("id"))!.Phase);
        Assert.Equal(ErrorCode.None, await producer.EndAsync(commit: true));
        Assert.Equal(TransactionPhase.CompleteCommit, (await engine.DescribeTransactionAsync("id"))!.Phase);
    }

    [Theory]
    [InlineData(TransactionProtocol.Classic, ErrorCode.InvalidTxnState)]
    [InlineData(TransactionProtocol.Abortable, ErrorCode.TransactionAbortable)]
    [InlineData(TransactionProtocol.Implicit, ErrorCode.None)]
    public async Task A_batch_for_a_partition_outside_the_transaction_is_answered_in_the_clients_words(TransactionProtocol protocol, ErrorCode expected)
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        Producer producer = await Producer.OpenAsync(engine, "id");
        await producer.AddAsync(A1);
        Assert.Equal(expected, (await engine.AppendAsync(A0, producer.Batch(A0, "x"), "id", protocol)).Error);
        Assert.Equal(expected == ErrorCode.None ? [A0, A1] : [A1], (await engine.DescribeTransactionAsync("id"))!.Partitions);
    }

    [Fact]
    public void Clients_that_do_not_know_of_fencing_are_told_of_an_invalid_epoch()
    {
        Assert.Equal(ErrorCode.InvalidProducerEpoch, TransactionErrors.OfCoordinator(ErrorCode.ProducerFenced, knowsFenced: false));
        Assert.Equal(ErrorCode.ProducerFenced, TransactionErrors.OfCoordinator(ErrorCode.ProducerFenced, knowsFenced: true));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, TransactionErrors.OfWrite(ErrorCode.ProducerFenced));
        Assert.Equal(ErrorCode.InvalidTxnState, TransactionErrors.OfWrite(ErrorCode.InvalidTxnState));
    }

    [Fact]
    public async Task While_a_commit_becomes_durable_the_next_transaction_has_to_wait()
    {
        var disk = new CrashDisk();
        var gate = new TaskCompletionSource();
        bool isHeld = false;
        await using LogEngine engine = await WithTopicsAsync(new SlowDisk(disk, () => isHeld ? gate.Task : Task.CompletedTask));
        ProducerIdentity mine = await engine.OpenProducerAsync("id");
        await engine.AppendAsync(A0, Batches.Of(new BatchProducer(mine.ProducerId, 0, 0, true), "1"), "id", TransactionProtocol.Implicit);
        isHeld = true;
        Task<AppendResult> holder = engine.AppendAsync(B0, Batches.Plain("held"));
        Task<ProducerIdentity> end = engine.EndTransactionAsync("id", mine.ProducerId, 0, commit: true, version2: true);
        Assert.Equal(ErrorCode.ConcurrentTransactions, (await engine.EndTransactionAsync("id", mine.ProducerId, 0, commit: true, version2: true)).Error);
        Assert.Equal(ErrorCode.InvalidTxnState, (await engine.EndTransactionAsync("id", mine.ProducerId, 0, commit: false, version2: true)).Error);
        Assert.Equal(ErrorCode.ConcurrentTransactions, await engine.AddPartitionsAsync("id", mine.ProducerId, 1, [A1]));
        Assert.Equal(ErrorCode.ConcurrentTransactions, await engine.AddGroupAsync("id", mine.ProducerId, 1, "g"));
        Assert.Equal(ErrorCode.ConcurrentTransactions, await engine.AddOffsetsAsync("id", mine.ProducerId, 1, "g", [new GroupOffset(A1, 1)]));
        byte[] early = Batches.Of(new BatchProducer(mine.ProducerId, 1, 0, true), "2");
        Assert.Equal(ErrorCode.ConcurrentTransactions, (await engine.AppendAsync(A0, early, "id", TransactionProtocol.Implicit)).Error);
        Assert.Equal(ErrorCode.ConcurrentTransactions, await engine.AbortTransactionAsync("id"));
        Assert.Equal(ErrorCode.ConcurrentTransactions, await engine.AbortTransactionAsync(A0, mine.ProducerId, 0));
        Assert.Equal(TransactionPhase.PrepareCommit, (await engine.DescribeTransactionAsync("id"))!.Phase);
        gate.SetResult();
        Assert.Equal(new ProducerIdentity(ErrorCode.None, mine.ProducerId, 1), await end);
        Assert.Equal(ErrorCode.None, (await holder).Error);
        Assert.Equal(["1"], await Batches.ValuesAsync(engine, A0));
    }
}
