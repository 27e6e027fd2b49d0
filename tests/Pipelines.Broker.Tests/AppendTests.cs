using Pipelines.Broker.Log;
using Pipelines.Broker.Tests.Support;
using Pipelines.Protocol.Records;
using static Pipelines.Broker.Tests.Support.Engines;

namespace Pipelines.Broker.Tests;

public sealed class AppendTests
{
    [Fact]
    public async Task Offsets_are_the_brokers_and_go_on_after_a_restart()
    {
        var disk = new CrashDisk();
        await using (LogEngine engine = await WithTopicsAsync(disk))
        {
            Assert.Equal(0, await engine.AppendAsync(A0, "1", "2"));
            Assert.Equal(2, await engine.AppendAsync(A0, "3"));
            Assert.Equal(0, await engine.AppendAsync(A1, "4"));
        }

        await using LogEngine again = await OpenAsync(disk.AfterKill());
        Assert.Equal(3, await again.AppendAsync(A0, "5"));
        Assert.Equal(["1", "2", "3", "5"], await Batches.ValuesAsync(again, A0));
        Assert.Equal(new PartitionOffsets(0, 4, 4), again.FindOffsets(A0));
        Assert.Null(again.FindOffsets(new TopicPartition("a", 2)));
        Assert.Null(again.FindOffsets(new TopicPartition("a", -1)));
    }

    [Fact]
    public async Task Several_batches_are_appended_as_one()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        AppendResult result = await engine.AppendAsync(A0, Batches.Joined(Batches.Plain("1", "2"), Batches.Plain("3")));
        Assert.Equal(new AppendResult(ErrorCode.None, 0), result);
        Assert.Equal(["1", "2", "3"], await Batches.ValuesAsync(engine, A0));
    }

    [Fact]
    public async Task Compressed_batches_are_kept_as_they_are()
    {
        // From Kafka's own MemoryRecords: three records, gzip.
        byte[] batch = Convert.FromHexString(
            "000000000000000000000077FFFFFFFF02BB861C6D0001000000020000018BCFE568000000018BCFE5687BFFFFFFFFFFFFFFFFFFFFFFFFFFFF000000031F8B08000000000000FF5362606060C936142A4BCC294D55C8CF4B65D060F8C6"
            + "C8C4C89397AF909D5AC9C294C154C194C728C6709E9F85231D28CFC800004E2368E133000000");
        string body = Convert.ToHexString(batch, 17, batch.Length - 17);
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        await engine.AppendAsync(A0, "first");
        Assert.Equal(new AppendResult(ErrorCode.None, 1), await engine.AppendAsync(A0, batch));
        Assert.Equal(4, engine.FindOffsets(A0)!.Value.HighWatermark);
        using FetchResult result = await engine.FetchAsync(A0, 1, 1000, readCommitted: true, TimeSpan.Zero);
        Assert.Equal(batch.Length, result.Length);
        Assert.Equal(body, Convert.ToHexString(result.Bytes, 17, result.Length - 17));
        RecordBatchHeader.TryRead(result.Bytes, out RecordBatchHeader header);
        Assert.Equal((1, 0), (header.BaseOffset, header.PartitionLeaderEpoch));
    }

    [Fact]
    public async Task What_is_no_sound_batch_is_refused_and_nothing_is_written()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await Refused(Batches.Plain("x"), new TopicPartition("none", 0)));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await Refused(Batches.Plain("x"), new TopicPartition("a", 9)));
        Assert.Equal(ErrorCode.CorruptMessage, await Refused([]));
        Assert.Equal(ErrorCode.CorruptMessage, await Refused(Batches.Plain("x")[..60]));
        Assert.Equal(ErrorCode.CorruptMessage, await Refused([.. Batches.Plain("x"), 0]));
        Assert.Equal(ErrorCode.CorruptMessage, await Refused(Changed(static batch => batch[^1] ^= 1)));
        Assert.Equal(ErrorCode.UnsupportedForMessageFormat, await Refused(Changed(static batch => batch[16] = 1)));
        Assert.Equal(ErrorCode.CorruptMessage, await Refused(Sealed(static header => header with { Length = int.MaxValue })));
        Assert.Equal(ErrorCode.CorruptMessage, await Refused(Sealed(static header => header with { Length = -1 })));
        Assert.Equal(ErrorCode.CorruptMessage, await Refused(Sealed(static header => header with { Length = 0 })));
        Assert.Equal(ErrorCode.InvalidRecord, await Refused(Sealed(static header => header with { RecordCount = 2 })));
        Assert.Equal(ErrorCode.InvalidRecord, await Refused(Sealed(static header => header with { RecordCount = 2, LastOffsetDelta = 1 })));
        Assert.Equal(ErrorCode.InvalidRecord, await Refused(Sealed(static header => header with { RecordCount = 0, LastOffsetDelta = -1 })));
        Assert.Equal(ErrorCode.InvalidRecord, await Refused(Sealed(static header => header with { Attributes = BatchAttributes.Control })));
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, await Refused(Sealed(static header => header with { Attributes = BatchAttributes.Transactional })));
        Assert.Equal(ErrorCode.InvalidRecord, await Refused(Sealed(static header => header with { ProducerId = 5, ProducerEpoch = 0, BaseSequence = -1 })));
        Assert.Equal(ErrorCode.InvalidRecord, await Refused(Batches.Joined(Batches.Of(new BatchProducer(5, 0, 0, false), "1"), Batches.Of(new BatchProducer(6, 0, 0, false), "2"))));
        Assert.Equal(ErrorCode.InvalidRecord, await Refused(Batches.Joined(Batches.Of(new BatchProducer(5, 0, 0, false), "1"), Batches.Of(new BatchProducer(5, 0, 2, false), "2"))));
        Assert.Equal(ErrorCode.MessageTooLarge, await Refused(Batches.Plain(new string('x', 9_000_000))));
        Assert.Equal(new PartitionOffsets(0, 0, 0), engine.FindOffsets(A0));

        async Task<ErrorCode> Refused(byte[] batch, TopicPartition? partition = null)
        {
            AppendResult result = await engine.AppendAsync(partition ?? A0, batch);
            Assert.Equal(-1, result.BaseOffset);
            return result.Error;
        }
    }

    [Fact]
    public async Task A_repeated_batch_is_acknowledged_with_its_first_offset_also_after_a_restart()
    {
        var disk = new CrashDisk();
        long id;
        await using (LogEngine engine = await WithTopicsAsync(disk, segmentBytes: 300))
        {
            id = (await engine.OpenProducerAsync()).ProducerId;
            await engine.AppendAsync(A0, "before");
            for (int i = 0; i < 7; i++) Assert.Equal(new AppendResult(ErrorCode.None, 1 + (2 * i)), await Send(engine, 2 * i));
            Assert.Equal(new AppendResult(ErrorCode.None, 13), await Send(engine, 12));
            Assert.Equal(new AppendResult(ErrorCode.None, 5), await Send(engine, 4));
            Assert.Equal(ErrorCode.DuplicateSequenceNumber, (await Send(engine, 2)).Error);
        }

        disk = disk.AfterKill();
        foreach (string checkpoint in disk.Paths(".checkpoint").Skip(2)) disk.Remove(checkpoint);
        await using LogEngine again = await OpenAsync(disk, segmentBytes: 300);
        Assert.True(again.Recovery.SegmentsFromCheckpoint > 0);
        Assert.Equal(new AppendResult(ErrorCode.None, 13), await Send(again, 12));
        Assert.Equal(new AppendResult(ErrorCode.None, 5), await Send(again, 4));
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (await Send(again, 16)).Error);
        Assert.Equal(new AppendResult(ErrorCode.None, 15), await Send(again, 14));
        Assert.Equal(17, again.FindOffsets(A0)!.Value.HighWatermark);
        Assert.True((await again.OpenProducerAsync()).ProducerId > id);

        Task<AppendResult> Send(LogEngine engine, int sequence) => engine.AppendAsync(A0, Batches.Of(new BatchProducer(id, 0, sequence, false), $"{sequence}", $"{sequence + 1}"));
    }

    [Fact]
    public async Task Repeated_and_new_batches_in_one_append_are_refused()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        byte[] first = Batches.Of(new BatchProducer(7, 0, 0, false), "0");
        byte[] second = Batches.Of(new BatchProducer(7, 0, 1, false), "1");
        Assert.Equal(ErrorCode.None, (await engine.AppendAsync(A0, Batches.Joined(first))).Error);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (await engine.AppendAsync(A0, Batches.Joined(first, second))).Error);
        Assert.Equal(new AppendResult(ErrorCode.None, 1), await engine.AppendAsync(A0, second));
        Assert.Equal(new AppendResult(ErrorCode.None, 0), await engine.AppendAsync(A0, Batches.Joined(first, second)));
        Assert.Equal(["0", "1"], await Batches.ValuesAsync(engine, A0));
    }

    [Fact]
    public async Task Sequences_wrap_at_the_greatest_int()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        Assert.Equal(0, (await Send(int.MaxValue - 1, "a")).BaseOffset);
        Assert.Equal(1, (await Send(int.MaxValue, "b", "c")).BaseOffset);
        Assert.Equal(3, (await Send(1, "d")).BaseOffset);
        Assert.Equal(1, (await Send(int.MaxValue, "b", "c")).BaseOffset);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (await Send(3, "f")).Error);
        Assert.Equal(["a", "b", "c", "d"], await Batches.ValuesAsync(engine, A0));

        Task<AppendResult> Send(int sequence, params string[] values) => engine.AppendAsync(A0, Batches.Of(new BatchProducer(7, 0, sequence, false), values));
    }

    [Fact]
    public async Task A_later_epoch_begins_anew_and_fences_the_earlier()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        Assert.Equal(ErrorCode.None, (await Send(0, 0)).Error);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (await Send(1, 1)).Error);
        Assert.Equal(ErrorCode.None, (await Send(1, 0)).Error);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, (await Send(0, 1)).Error);

        Task<AppendResult> Send(short epoch, int sequence) => engine.AppendAsync(A0, Batches.Of(new BatchProducer(7, epoch, sequence, false), "x"));
    }

    private static byte[] Changed(Action<byte[]> change)
    {
        byte[] batch = Batches.Plain("value");
        change(batch);
        return batch;
    }

    private static byte[] Sealed(Func<RecordBatchHeader, RecordBatchHeader> change)
    {
        byte[] batch = Batches.Plain("value");
        RecordBatchHeader.TryRead(batch, out RecordBatchHeader header);
        change(header).Write(batch);
        BatchSeal.WriteChecksum(batch);
        return batch;
    }
}
