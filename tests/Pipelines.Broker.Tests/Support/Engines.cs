using Pipelines.Broker.Disk;
using Pipelines.Broker.Log;

namespace Pipelines.Broker.Tests.Support;

internal static class Engines
{
    internal static readonly TopicPartition A0 = new("a", 0);
    internal static readonly TopicPartition A1 = new("a", 1);
    internal static readonly TopicPartition B0 = new("b", 0);

    internal static Task<LogEngine> OpenAsync(IDisk disk, TimeProvider? clock = null, Durability durability = Durability.Fsync, long segmentBytes = 1 << 20, long journalBytes = 1 << 20, Recovery.Verification verification = default) =>
        LogEngine.OpenAsync(new EngineOptions
        {
            Disk = disk,
            Clock = clock ?? TimeProvider.System,
            Durability = durability,
            SegmentBytes = segmentBytes,
            JournalBytes = journalBytes,
            IndexIntervalBytes = 256,
            Verification = verification,
        });

    /// <summary>An engine with topics a of two partitions and b of one.</summary>
    internal static async Task<LogEngine> WithTopicsAsync(IDisk disk, TimeProvider? clock = null, Durability durability = Durability.Fsync, long segmentBytes = 1 << 20, long journalBytes = 1 << 20)
    {
        LogEngine engine = await OpenAsync(disk, clock, durability, segmentBytes, journalBytes);
        Assert.Equal(ErrorCode.None, await engine.CreateTopicAsync("a", 2));
        Assert.Equal(ErrorCode.None, await engine.CreateTopicAsync("b", 1));
        return engine;
    }

    /// <summary>Disposes of an engine whose machine went down; whether it had something left to write, and fails with it, is a matter of its clock.</summary>
    internal static async Task BuryAsync(this LogEngine engine)
    {
        Exception? end = await Record.ExceptionAsync(async () => await engine.DisposeAsync());
        Assert.True(end is null or StorageFailedException, $"{end}");
    }

    internal static async Task<long> AppendAsync(this LogEngine engine, TopicPartition partition, params string[] values)
    {
        AppendResult result = await engine.AppendAsync(partition, Batches.Plain(values));
        Assert.Equal(ErrorCode.None, result.Error);
        return result.BaseOffset;
    }
}
