using Pipelines.Broker.Log;
using Pipelines.Broker.Tests.Support;
using Pipelines.Protocol.Compression;
using Pipelines.Protocol.Records;
using Pipelines.Tests;
using static Pipelines.Broker.Tests.Support.Engines;

namespace Pipelines.Broker.Tests;

/// <summary>Compressed batches pass through untouched; where they are looked at, what grows too large is refused.</summary>
public sealed class CompressionTests
{
    private const int Megabyte = 1024 * 1024;
    private static readonly Dictionary<string, string> Compacted = new() { ["cleanup.policy"] = "compact", ["min.cleanable.dirty.ratio"] = "0", ["segment.bytes"] = "1000", ["max.message.bytes"] = "2097152" };

    public static TheoryData<BatchCodec> Codecs => [BatchCodec.Gzip, BatchCodec.Snappy, BatchCodec.Lz4, BatchCodec.Zstd];

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public async Task A_codec_that_does_not_exist_is_refused(int codec)
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        AppendResult result = await engine.AppendAsync(A0, PackedBatch.Of((BatchCodec)codec, Batches.Plain("x"), "whatever"u8));
        Assert.Equal(ErrorCode.UnsupportedCompressionType, result.Error);
        Assert.Equal(new PartitionOffsets(0, 0, 0), engine.FindOffsets(A0));
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public async Task A_bomb_is_refused_where_records_are_looked_at_and_is_a_batch_like_others_elsewhere(BatchCodec codec)
    {
        await using LogEngine engine = await LogEngine.OpenAsync(new EngineOptions { Disk = new CrashDisk(), MaxDecompressedBytes = Megabyte });
        await engine.CreateTopicAsync("plain", 1);
        await engine.CreateTopicAsync("compacted", 1, Compacted);
        byte[] bomb = PackedBatch.Bomb(codec, "key"u8, 16 * Megabyte);
        Assert.Equal(new AppendResult(ErrorCode.None, 0), await engine.AppendAsync(new TopicPartition("plain", 0), bomb));
        Assert.Equal(ErrorCode.MessageTooLarge, (await engine.AppendAsync(new TopicPartition("compacted", 0), bomb)).Error);
        Assert.Equal(new PartitionOffsets(0, 0, 0), engine.FindOffsets(new TopicPartition("compacted", 0)));
        // As large as a batch may be that is not compressed.
        Assert.Equal(ErrorCode.None, (await engine.AppendAsync(new TopicPartition("compacted", 0), PackedBatch.Bomb(codec, "key"u8, (2 * Megabyte) - 1000))).Error);
    }

    [Fact]
    public async Task A_partition_that_cannot_be_compacted_keeps_no_other_from_it()
    {
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using LogEngine engine = await LogEngine.OpenAsync(new EngineOptions
        {
            Disk = new CrashDisk(), MaxDecompressedBytes = Megabyte, HousekeepingInterval = TimeSpan.FromMilliseconds(5), OnCompactionFailed = message => told.TrySetResult(message),
        });
        var poisoned = new TopicPartition("poisoned", 0);
        var sound = new TopicPartition("sound", 0);
        await engine.CreateTopicAsync("poisoned", 1, new Dictionary<string, string>(Compacted) { ["cleanup.policy"] = "delete" });
        await engine.CreateTopicAsync("sound", 1, Compacted);
        // Taken unseen, and in a closed segment when the topic is compacted.
        Assert.Equal(ErrorCode.None, (await engine.AppendAsync(poisoned, PackedBatch.Bomb(BatchCodec.Gzip, "key"u8, 16 * Megabyte))).Error);
        await engine.AppendAsync(poisoned, "last");
        await engine.AlterTopicAsync("poisoned", _ => Compacted);
        Assert.Contains("poisoned-0 was not compacted: The records decompress to more than 2097152 bytes", await told.Task);
        for (int i = 0; i < 3; i++) await engine.AppendAsync(sound, new string((char)('a' + i), 900));
        while ((await Batches.ValuesAsync(engine, sound)).Length > 2) await Task.Delay(5, TestContext.Current.CancellationToken);
        Assert.Equal(['b', 'c'], (await Batches.ValuesAsync(engine, sound)).Select(static value => value[0]));
        Assert.Equal(2, engine.FindOffsets(poisoned)!.Value.HighWatermark);
    }
}
