using Microsoft.Extensions.Time.Testing;
using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Tests.Support;
using Pipelines.Broker.Transactions;
using Pipelines.Protocol.Records;
using static Pipelines.Broker.Tests.Support.Engines;

namespace Pipelines.Broker.Tests;

public sealed class TransactionTests
{
    [Fact]
    public async Task A_transaction_becomes_visible_in_all_partitions_with_its_offsets_when_it_commits()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        Producer producer = await Producer.OpenAsync(engine, "id");
        Assert.Equal(ErrorCode.None, await producer.AddAsync(A0, B0));
        Assert.Equal(new AppendResult(ErrorCode.None, 0), await producer.AppendAsync(A0, "1", "2"));
        Assert.Equal(new AppendResult(ErrorCode.None, 0), await producer.AppendAsync(B0, "3"));
        Assert.Equal(ErrorCode.None, await producer.AddOffsetsAsync("g", new GroupOffset(A1, 42, 1, "m")));

        Assert.Equal(new PartitionOffsets(0, 2, 0), engine.FindOffsets(A0));
        Assert.Empty(await Batches.ValuesAsync(engine, A0));
        Assert.Equal(["1", "2"], await Batches.ValuesAsync(engine, A0, readCommitted: false));
        Assert.Equal((ErrorCode.UnstableOffsetCommit, null), await engine.FindOffsetAsync("g", A1, requireStable: true));
        Assert.Equal((ErrorCode.None, null), await engine.FindOffsetAsync("g", A1));
        Assert.Equal((ErrorCode.None, null), await engine.FindOffsetAsync("g", A0, requireStable: true));

        Assert.Equal(ErrorCode.None, await producer.EndAsync(commit: true));
        Assert.Equal(["1", "2"], await Batches.ValuesAsync(engine, A0));
        Assert.Equal(["3"], await Batches.ValuesAsync(engine, B0));
        Assert.Equal((ErrorCode.None, new GroupOffset(A1, 42, 1, "m")), await engine.FindOffsetAsync("g", A1, requireStable: true));
    }

    [Fact]
    public async Task An_aborted_transaction_is_never_visible_and_the_list_tells_where_it_was()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        Producer producer = await Producer.OpenAsync(engine, "id");
        await engine.AppendAsync(A0, "before");
        await producer.AddAsync(A0);
        await producer.AppendAsync(A0, "gone");
        await engine.AppendAsync(A0, "between");
        Assert.Equal(["before"], await Batches.ValuesAsync(engine, A0));
        await producer.AddOffsetsAsync("g", new GroupOffset(A1, 42));
        Assert.Equal(ErrorCode.None, await producer.EndAsync(commit: false));

        Assert.Equal(["before", "between"], await Batches.ValuesAsync(engine, A0));
        Assert.Equal((ErrorCode.None, null), await engine.FindOffsetAsync("g", A1, requireStable: true));
        using FetchResult all = await engine.FetchAsync(A0, 0, 10_000, readCommitted: true, TimeSpan.Zero);
        Assert.Equal([new AbortedRange(producer.Id, 1, 3)], all.Aborted);
        using FetchResult first = await engine.FetchAsync(A0, 0, 1, readCommitted: true, TimeSpan.Zero);
        Assert.Empty(first.Aborted);
        using FetchResult marker = await engine.FetchAsync(A0, 3, 1, readCommitted: true, TimeSpan.Zero);
        Assert.Equal([new AbortedRange(producer.Id, 1, 3)], marker.Aborted);
        using FetchResult uncommitted = await engine.FetchAsync(A0, 0, 10_000, readCommitted: false, TimeSpan.Zero);
        Assert.Empty(uncommitted.Aborted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Markers_have_the_layout_of_Kafka(bool commit)
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        Producer producer = await Producer.OpenAsync(engine, "id");
        await producer.AddAsync(A0);
        await producer.AppendAsync(A0, "x");
        await producer.EndAsync(commit);
        await engine.AppendAsync(A0, "after");
        using FetchResult marker = await engine.FetchAsync(A0, 1, 1, readCommitted: false, TimeSpan.Zero);

        // As Kafka 4.3.1's MemoryRecords.withEndTransactionMarker writes it, but for offset, times, producer and checksum.
        string kafka = commit
            ? "0000000000000007000000420000000002266CDCFE0030000000000000018BCFE568000000018BCFE5680000000000000012670003FFFFFFFF000000012000000008000000010C00000000000000"
            : "0000000000000007000000420000000002D2520AB60030000000000000018BCFE568000000018BCFE5680000000000000012670003FFFFFFFF000000012000000008000000000C00000000000000";
        Assert.Equal(kafka.Length / 2, marker.Length);
        RecordBatchHeader.TryRead(Convert.FromHexString(kafka), out RecordBatchHeader expected);
        RecordBatchHeader.TryRead(marker.Bytes, out RecordBatchHeader header);
        Assert.Equal(
            expected with { BaseOffset = 1, Checksum = header.Checksum, BaseTimestamp = header.BaseTimestamp, MaxTimestamp = header.BaseTimestamp, ProducerId = producer.Id, ProducerEpoch = producer.Epoch },
            header);
        Assert.Equal(kafka[(2 * RecordBatchHeader.Size)..], Convert.ToHexString(marker.Bytes, RecordBatchHeader.Size, marker.Length - RecordBatchHeader.Size));
        Assert.True(BatchSeal.HasRightChecksum(marker.Bytes.AsSpan(0, marker.Length)));
    }

    [Fact]
    public async Task Ends_may_be_repeated_and_empty()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        Producer producer = await Producer.OpenAsync(engine, "id");
        Assert.Equal(ErrorCode.None, await producer.EndAsync(commit: true));
        Assert.Equal(ErrorCode.None, await producer.EndAsync(commit: false));

        await producer.AddAsync(A0);
        Assert.Equal(ErrorCode.None, await producer.EndAsync(commit: true));
        Assert.Equal(ErrorCode.None, await producer.EndAsync(commit: true));
        Assert.Equal(ErrorCode.InvalidTxnState, await producer.EndAsync(commit: false));

        await producer.AddAsync(A0);
        await producer.AppendAsync(A0, "x");
        Assert.Equal(ErrorCode.None, await producer.EndAsync(commit: false));
        Assert.Equal(ErrorCode.None, await producer.EndAsync(commit: false));
        Assert.Equal(ErrorCode.InvalidTxnState, await producer.EndAsync(commit: true));
        Assert.Empty(await Batches.ValuesAsync(engine, A0));
    }

    [Fact]
    public async Task Only_partitions_of_the_transaction_take_its_batches()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        Producer producer = await Producer.OpenAsync(engine, "id");
        Assert.Equal(ErrorCode.InvalidTxnState, (await producer.AppendAsync(A0, "never begun")).Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await producer.AddAsync(new TopicPartition("none", 0)));
        Assert.Equal(ErrorCode.None, await producer.AddAsync(A1));
        Assert.Equal(ErrorCode.InvalidTxnState, (await producer.AppendAsync(A0, "not added")).Error);
        Assert.Equal(ErrorCode.None, (await producer.AppendAsync(A1, "added")).Error);
        Assert.Equal(ErrorCode.InvalidTxnState, (await engine.AppendAsync(A1, Batches.Of(new BatchProducer(producer.Id, producer.Epoch, 1, false), "no transaction"))).Error);
        Assert.Equal(ErrorCode.None, await producer.EndAsync(commit: true));
        Assert.Equal(ErrorCode.InvalidTxnState, (await producer.AppendAsync(A1, "after the end")).Error);
        Assert.Equal(["added"], await Batches.ValuesAsync(engine, A1));
        Assert.Equal(0, engine.FindOffsets(A0)!.Value.HighWatermark);
    }

    [Fact]
    public async Task Opening_the_id_again_aborts_and_fences_also_after_a_restart()
    {
        var disk = new CrashDisk();
        Producer old;
        Producer young;
        await using (LogEngine engine = await WithTopicsAsync(disk))
        {
            old = await Producer.OpenAsync(engine, "id");
            await old.AddAsync(A0);
            await old.AppendAsync(A0, "zombie");
            young = await Producer.OpenAsync(engine, "id");
            Assert.Equal((old.Id, old.Epoch + 1), (young.Id, young.Epoch));
            await RefusedAsync(engine);
            Assert.Equal(engine.FindOffsets(A0)!.Value.HighWatermark, engine.FindOffsets(A0)!.Value.Stable);
        }

        await using LogEngine again = await OpenAsync(disk.AfterPowerCut(new Random(1), keepChance: 0));
        await RefusedAsync(again);
        Assert.Equal(ErrorCode.None, await young.On(again).CommitAsync(A0, "mine"));
        Assert.Equal(["mine"], await Batches.ValuesAsync(again, A0));

        async Task RefusedAsync(LogEngine engine)
        {
            Producer zombie = old.On(engine);
            Assert.Equal(ErrorCode.InvalidProducerEpoch, (await zombie.AppendAsync(A0, "more")).Error);
            Assert.Equal(ErrorCode.ProducerFenced, await zombie.AddAsync(A1));
            Assert.Equal(ErrorCode.ProducerFenced, await zombie.AddOffsetsAsync("g", new GroupOffset(A0, 1)));
            Assert.Equal(ErrorCode.ProducerFenced, await zombie.EndAsync(commit: true));
            Assert.Equal(ErrorCode.ProducerFenced, await zombie.CommitAsync(A1, "more"));
            Assert.Equal(ErrorCode.InvalidProducerIdMapping, await engine.EndTransactionAsync("other", zombie.Id, zombie.Epoch, commit: true));
            Assert.Equal(ErrorCode.InvalidProducerIdMapping, await engine.EndTransactionAsync("id", 4711, 0, commit: true));
        }
    }

    [Fact]
    public async Task A_producer_may_ask_for_its_own_next_epoch_and_ask_again()
    {
        var disk = new CrashDisk();
        (long, short) first;
        ProducerIdentity second;
        await using (LogEngine engine = await WithTopicsAsync(disk))
        {
            ProducerIdentity opened = await engine.OpenProducerAsync("id");
            first = (opened.ProducerId, opened.Epoch);
            second = await engine.OpenProducerAsync("id", current: first);
            Assert.Equal(new ProducerIdentity(ErrorCode.None, opened.ProducerId, 1), second);
            Assert.Equal(second, await engine.OpenProducerAsync("id", current: first));
            Assert.Equal(ErrorCode.ProducerFenced, (await engine.OpenProducerAsync("id", current: (opened.ProducerId, 7))).Error);
            // Nobody has that one: who asks begins anew.
            Assert.Equal(0, (await engine.OpenProducerAsync("other", current: first)).Epoch);
        }

        await using LogEngine again = await OpenAsync(disk.AfterKill());
        Assert.Equal(second, await again.OpenProducerAsync("id", current: first));
        ProducerIdentity third = await again.OpenProducerAsync("id");
        Assert.Equal(2, third.Epoch);
        Assert.Equal(ErrorCode.ProducerFenced, (await again.OpenProducerAsync("id", current: (second.ProducerId, second.Epoch))).Error);
    }

    [Fact]
    public async Task Used_up_epochs_give_a_new_producer_id_and_the_old_one_stays_fenced()
    {
        var disk = new CrashDisk();
        await using LogEngine engine = await WithTopicsAsync(disk, durability: Durability.Os);
        Producer last = await Producer.OpenAsync(engine, "id");
        for (int i = 0; i < 32_766; i++) last = await Producer.OpenAsync(engine, "id");
        Assert.Equal(32_766, last.Epoch);
        await last.AddAsync(A0);
        await last.AppendAsync(A0, "open");
        Producer fresh = await Producer.OpenAsync(engine, "id");
        Assert.NotEqual(last.Id, fresh.Id);
        Assert.Equal(0, fresh.Epoch);
        Assert.Equal(ErrorCode.ProducerFenced, await last.EndAsync(commit: true));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, (await last.AppendAsync(A0, "more")).Error);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, (await engine.AppendAsync(A1, Batches.Of(new BatchProducer(last.Id, 0, 0, true), "first epoch again"))).Error);
        Assert.Equal(ErrorCode.None, await fresh.CommitAsync(A0, "new"));
        Assert.Equal(["new"], await Batches.ValuesAsync(engine, A0));
    }

    [Fact]
    public async Task A_transaction_that_is_open_too_long_is_aborted_whatever_the_wall_clock_does()
    {
        var clock = new JumpingClock();
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk(), clock);
        Producer producer = await Producer.OpenAsync(engine, "id", TimeSpan.FromSeconds(10));
        await producer.AddAsync(A0);
        await producer.AppendAsync(A0, "x");
        clock.Jump = TimeSpan.FromDays(40);
        Assert.Equal(ErrorCode.None, await producer.AddAsync(A1));
        for (int second = 0; second < 9; second++) clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ErrorCode.None, await producer.AddAsync(A1));
        clock.Advance(TimeSpan.FromSeconds(2));

        using FetchResult woken = await engine.FetchAsync(A0, 0, 1000, readCommitted: true, TimeSpan.FromHours(1));
        Assert.Equal(2, woken.StableOffset);
        Assert.Empty(Batches.Decode(woken, 0, readCommitted: true));
        Assert.Equal(ErrorCode.ProducerFenced, await producer.EndAsync(commit: true));
        Assert.Equal(ErrorCode.InvalidTransactionTimeout, (await engine.OpenProducerAsync("id", TimeSpan.FromHours(1))).Error);
        Assert.Equal(ErrorCode.InvalidTransactionTimeout, (await engine.OpenProducerAsync("id", TimeSpan.Zero)).Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_open_transaction_outlives_the_engine(bool commit)
    {
        var disk = new CrashDisk();
        LogEngine engine = await WithTopicsAsync(disk);
        Producer producer = await Producer.OpenAsync(engine, "id");
        await producer.AddAsync(A0, A1);
        await producer.AppendAsync(A0, "1");
        await producer.AddOffsetsAsync("g", new GroupOffset(B0, 9));

        await using LogEngine again = await OpenAsync(disk.AfterPowerCut(new Random(1), keepChance: 0));
        Assert.Equal(1, again.Recovery.TransactionsOpen);
        Assert.Equal((ErrorCode.UnstableOffsetCommit, null), await again.FindOffsetAsync("g", B0, requireStable: true));
        Assert.Empty(await Batches.ValuesAsync(again, A0));
        producer = producer.On(again);
        Assert.Equal(ErrorCode.None, (await producer.AppendAsync(A1, "2")).Error);
        Assert.Equal(ErrorCode.None, await producer.EndAsync(commit));
        Assert.Equal(commit ? ["1"] : [], await Batches.ValuesAsync(again, A0));
        Assert.Equal(commit ? ["2"] : [], await Batches.ValuesAsync(again, A1));
        Assert.Equal(commit ? 9 : null, (await again.FindOffsetAsync("g", B0, requireStable: true)).Offset?.Offset);
        await engine.BuryAsync();
    }

    [Theory]
    [InlineData("topics/a-0/")]
    [InlineData("topics/a-1/")]
    [InlineData("journal")]
    public async Task A_fence_of_which_a_crash_left_a_part_is_a_fence(string survivor)
    {
        var disk = new CrashDisk();
        bool isStuck = false;
        // Nothing that is written from then on is flushed: the new producer never gets its answer.
        LogEngine engine = await WithTopicsAsync(disk);
        disk.Fault = (what, _) => isStuck && what == "flush" ? new IOException("stuck") : null;
        Producer producer = await Producer.OpenAsync(engine, "id");
        await producer.AddAsync(A0, A1);
        await producer.AppendAsync(A0, "1");
        await producer.AppendAsync(A1, "2");
        isStuck = true;
        await Assert.ThrowsAsync<StorageFailedException>(() => engine.OpenProducerAsync("id"));
        await engine.DisposeAsync();

        await using LogEngine again = await OpenAsync(disk.AfterPowerCut(new Random(1), path => path.StartsWith(survivor, StringComparison.Ordinal) ? 1 : 0));
        Assert.Equal(ErrorCode.ProducerFenced, await producer.On(again).EndAsync(commit: true));
        Assert.Empty(await Batches.ValuesAsync(again, A0));
        Assert.Empty(await Batches.ValuesAsync(again, A1));
        foreach (TopicPartition partition in (TopicPartition[])[A0, A1]) Assert.Equal(again.FindOffsets(partition)!.Value.HighWatermark, again.FindOffsets(partition)!.Value.Stable);
        Assert.Equal(2, (await Producer.OpenAsync(again, "id")).Epoch);
    }

    [Fact]
    public async Task Ends_are_remembered_by_a_restart()
    {
        var disk = new CrashDisk();
        Producer commits;
        Producer aborts;
        await using (LogEngine engine = await WithTopicsAsync(disk))
        {
            commits = await Producer.OpenAsync(engine, "commits");
            await commits.AddAsync(A0);
            await commits.EndAsync(commit: true);
            aborts = await Producer.OpenAsync(engine, "aborts");
            await aborts.AddAsync(A0);
            await aborts.EndAsync(commit: false);
        }

        await using LogEngine again = await OpenAsync(disk.AfterKill());
        Assert.Equal(ErrorCode.None, await commits.On(again).EndAsync(commit: true));
        Assert.Equal(ErrorCode.InvalidTxnState, await commits.On(again).EndAsync(commit: false));
        Assert.Equal(ErrorCode.None, await aborts.On(again).EndAsync(commit: false));
        Assert.Equal(ErrorCode.InvalidTxnState, await aborts.On(again).EndAsync(commit: true));
    }

    [Fact]
    public async Task One_request_commits_batches_of_several_partitions_and_offsets()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        Producer producer = await Producer.OpenAsync(engine, "id");
        byte[] two = Batches.Joined(producer.Batch(A0, "1", "2"), producer.Batch(A0, "3"));
        Assert.Equal(ErrorCode.None, await producer.CommitAsync([new(A0, two), new(B0, producer.Batch(B0, "4"))], "g", [new GroupOffset(A1, 5)]));
        Assert.Equal(["1", "2", "3"], await Batches.ValuesAsync(engine, A0));
        Assert.Equal(["4"], await Batches.ValuesAsync(engine, B0));
        Assert.Equal(5, (await engine.FindOffsetAsync("g", A1, requireStable: true)).Offset?.Offset);
        Assert.Equal(ErrorCode.None, await producer.CommitAsync(A0, "5"));
        Assert.Equal(ErrorCode.None, await producer.CommitAsync([], "g", [new GroupOffset(A1, 6)]));
        Assert.Equal(ErrorCode.None, await producer.CommitAsync([]));
        Assert.Equal(6, (await engine.FindOffsetAsync("g", A1)).Offset?.Offset);
        Assert.Equal(["1", "2", "3", "5"], await Batches.ValuesAsync(engine, A0));
    }

    [Fact]
    public async Task A_refused_request_leaves_nothing_to_see()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        Producer producer = await Producer.OpenAsync(engine, "id");
        byte[] gap = Batches.Of(new BatchProducer(producer.Id, producer.Epoch, 5, true), "gap");
        Assert.Equal(ErrorCode.None, await producer.CommitAsync(B0, "0"));
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, await producer.CommitAsync([new(A0, producer.Batch(A0, "1")), new(B0, gap)], "g", [new GroupOffset(A1, 5)]));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await producer.CommitAsync(new TopicPartition("none", 0), "1"));
        Assert.Equal(ErrorCode.InvalidRecord, await producer.CommitAsync([new(A1, Batches.Plain("no transaction"))]));
        Assert.Equal(ErrorCode.InvalidRecord, await producer.CommitAsync([new(A1, Batches.Of(new BatchProducer(99, 0, 0, true), "somebody else's"))]));
        Assert.Equal(ErrorCode.InvalidGroupId, await producer.CommitAsync([], "", [new GroupOffset(A1, 5)]));
        Assert.Empty(await Batches.ValuesAsync(engine, A0));
        Assert.Empty(await Batches.ValuesAsync(engine, A1));
        Assert.Equal(["0"], await Batches.ValuesAsync(engine, B0));
        Assert.Null((await engine.FindOffsetAsync("g", A1)).Offset);

        await producer.AddAsync(A1);
        Assert.Equal(ErrorCode.InvalidTxnState, await producer.CommitAsync(A1, "while another is open"));
    }

    [Fact]
    public async Task Aborted_transactions_are_found_in_any_range_that_they_overlap()
    {
        var disk = new CrashDisk();
        var random = new Random(7);
        var model = new List<AbortedRange>();
        await using (LogEngine engine = await WithTopicsAsync(disk, durability: Durability.Os, segmentBytes: 3000))
        {
            Producer[] producers = [.. await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Producer.OpenAsync(engine, $"{i}")))];
            long[] first = [-1, -1, -1, -1];
            for (int i = 0; i < 400; i++)
            {
                int who = random.Next(4);
                if (first[who] >= 0 && random.Next(3) == 0)
                {
                    bool commit = random.Next(2) == 0;
                    if (!commit) model.Add(new AbortedRange(producers[who].Id, first[who], engine.FindOffsets(A0)!.Value.HighWatermark));
                    Assert.Equal(ErrorCode.None, await producers[who].EndAsync(commit));
                    first[who] = -1;
                    continue;
                }

                if (first[who] < 0) await producers[who].AddAsync(A0);
                long offset = (await producers[who].AppendAsync(A0, $"{i}")).BaseOffset;
                if (first[who] < 0) first[who] = offset;
            }

            for (int who = 0; who < 4; who++)
            {
                if (first[who] >= 0) await producers[who].EndAsync(commit: true);
            }

            await CheckAsync(engine);
        }

        await using LogEngine again = await OpenAsync(disk.AfterKill(), segmentBytes: 3000);
        Assert.True(again.Recovery.SegmentsFromCheckpoint > 3);
        await CheckAsync(again);

        async Task CheckAsync(LogEngine engine)
        {
            Assert.True(model.Count > 20);
            long end = engine.FindOffsets(A0)!.Value.Stable;
            for (long from = 0; from < end; from += 3)
            {
                using FetchResult result = await engine.FetchAsync(A0, from, 700, readCommitted: true, TimeSpan.Zero);
                long next = from;
                ReadOnlySpan<byte> rest = result.Bytes.AsSpan(0, result.Length);
                while (RecordBatchHeader.TryRead(rest, out RecordBatchHeader header))
                {
                    next = header.NextOffset;
                    rest = rest[header.TotalSize..];
                }

                Assert.Equal(model.Where(range => range.FirstOffset < next && range.LastOffset >= from).OrderBy(static range => range.FirstOffset), result.Aborted);
            }
        }
    }

    /// <summary>A wall clock that somebody sets, over a monotonic one that goes its way.</summary>
    private sealed class JumpingClock : FakeTimeProvider
    {
        internal TimeSpan Jump { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Jump;

        public override long GetTimestamp() => base.GetUtcNow().Ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    }
}
