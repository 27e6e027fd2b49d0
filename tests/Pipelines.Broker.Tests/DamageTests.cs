using Pipelines.Broker.Log;
using Pipelines.Broker.Recovery;
using Pipelines.Broker.Tests.Support;
using Pipelines.Protocol.Records;
using static Pipelines.Broker.Tests.Support.Engines;

namespace Pipelines.Broker.Tests;

/// <summary>Bytes on the disk change while the engine runs.</summary>
public sealed class DamageTests
{
    private const string LogFile = "topics/a-0/00000000000000000000.log";
    private const int Count = 10;
    private static readonly string[] Values = [.. Enumerable.Range(0, Count).Select(static i => $"value {i}")];

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(9)]
    public async Task A_batch_with_a_changed_byte_is_refused_and_all_else_is_served(int which)
    {
        var told = new List<string>();
        var disk = new CrashDisk();
        await using LogEngine engine = await OpenAsync(disk, told.Add);
        int size = disk.ReadAll(LogFile).Length / Count;
        for (int at = 0; at < size; at++)
        {
            // The leader's epoch: see below.
            if (at is >= 12 and < 16) continue;
            disk.Flip(LogFile, (which * size) + at, 0x40);
            for (int offset = 0; offset < Count; offset++)
            {
                using FetchResult result = await engine.FetchAsync(A0, offset, at % 2 == 0 ? 4096 : 1, readCommitted: true, TimeSpan.Zero);
                Assert.Equal(offset == which ? ErrorCode.CorruptMessage : ErrorCode.None, result.Error);
                if (offset == which)
                {
                    Assert.Equal(0, result.Length);
                    continue;
                }

                int end = at % 2 == 1 ? offset + 1 : offset < which ? which : Count;
                Assert.Equal(Values[offset..end], Batches.Decode(result, offset, readCommitted: true).Select(static record => record.Value));
            }

            disk.Flip(LogFile, (which * size) + at, 0x40);
        }

        Assert.Equal(Values, await Batches.ValuesAsync(engine, A0));
        string message = Assert.Single(told);
        Assert.Contains($"{LogFile} is damaged at byte {which * size}: offsets {which} to {which} cannot be read", message, StringComparison.Ordinal);
        Assert.Contains($"can go on from offset {which + 1}", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_leaders_epoch_is_always_the_same()
    {
        var disk = new CrashDisk();
        await using LogEngine engine = await OpenAsync(disk);
        for (int at = 12; at < 16; at++) disk.Flip(LogFile, at, 0x40);
        using FetchResult result = await engine.FetchAsync(A0, 0, 4096, readCommitted: true, TimeSpan.Zero);
        Assert.True(RecordBatchHeader.TryRead(result.Bytes, out RecordBatchHeader header));
        Assert.Equal(0, header.PartitionLeaderEpoch);
        Assert.Equal(Values, Batches.Decode(result, 0, readCommitted: true).Select(static record => record.Value));
    }

    [Fact]
    public async Task A_log_that_was_cut_off_is_refused_where_it_ends()
    {
        var disk = new CrashDisk();
        await using LogEngine engine = await OpenAsync(disk);
        using (Disk.IDiskFile file = disk.Open(LogFile, create: false)) file.SetLength((disk.ReadAll(LogFile).Length / Count * 6) + 5);
        using FetchResult before = await engine.FetchAsync(A0, 2, 4096, readCommitted: true, TimeSpan.Zero);
        Assert.Equal(Values[2..6], Batches.Decode(before, 2, readCommitted: true).Select(static record => record.Value));
        using FetchResult behind = await engine.FetchAsync(A0, 6, 4096, readCommitted: true, TimeSpan.Zero);
        Assert.Equal(ErrorCode.CorruptMessage, behind.Error);
    }

    [Fact]
    public async Task Damage_does_not_reach_the_next_segment()
    {
        var disk = new CrashDisk();
        await using LogEngine engine = await OpenAsync(disk, segmentBytes: 300);
        string first = disk.Paths(".log")[0];
        int size = disk.ReadAll(LogFile).Length;
        long inFirst = long.Parse(disk.Paths(".log")[1][^24..^4], System.Globalization.CultureInfo.InvariantCulture);
        // The last one of the segment.
        disk.Flip(first, size - 1, 1);
        using FetchResult refused = await engine.FetchAsync(A0, inFirst - 1, 4096, readCommitted: true, TimeSpan.Zero);
        Assert.Equal(ErrorCode.CorruptMessage, refused.Error);
        (List<Seen> behind, _) = await Batches.ReadAllAsync(engine, A0, inFirst);
        Assert.Equal(Values[(int)inFirst..], behind.Select(static record => record.Value));
    }

    [Fact]
    public async Task A_time_that_may_be_in_a_damaged_batch_is_not_found()
    {
        var disk = new CrashDisk();
        await using LogEngine engine = await OpenAsync(disk);
        Assert.Equal(0, engine.FindTime(A0, 1_700_000_000_000).Offset);
        disk.Flip(LogFile, RecordBatchHeader.Size, 1);
        Assert.Equal(1, Assert.Throws<DamagedBatchException>(() => engine.FindTime(A0, 1_700_000_000_000)).NextOffset);
    }

    [Fact]
    public async Task A_damaged_partition_keeps_no_other_from_being_compacted()
    {
        var disk = new CrashDisk();
        var failures = new List<string>();
        await using LogEngine engine = await LogEngine.OpenAsync(new EngineOptions
        {
            Disk = disk,
            HousekeepingInterval = TimeSpan.FromMilliseconds(1),
            OnCompactionFailed = message =>
            {
                lock (failures) failures.Add(message);
            },
        });
        var settings = new Dictionary<string, string> { ["cleanup.policy"] = "compact", ["min.cleanable.dirty.ratio"] = "0", ["segment.bytes"] = "300" };
        Assert.Equal(ErrorCode.None, await engine.CreateTopicAsync("a", 2, settings));
        await engine.AppendAsync(A0, Values);
        disk.Flip(LogFile, RecordBatchHeader.Size, 1);
        // The damaged one has more to compact, so it comes first.
        for (int i = 0; i < 20; i++) await engine.AppendAsync(A0, "more");
        long first = await engine.AppendAsync(A1, "value");
        var left = new List<Seen>();
        for (int i = 0; i < 10_000; i++)
        {
            await engine.AppendAsync(A1, "value");
            (left, _) = await Batches.ReadAllAsync(engine, A1);
            if (!left.Exists(record => record.Offset == first)) break;
        }

        Assert.DoesNotContain(left, record => record.Offset == first);
        lock (failures) Assert.All(failures, static message => Assert.StartsWith("a-0 was not compacted", message, StringComparison.Ordinal));
        lock (failures) Assert.NotEmpty(failures);
    }

    private static async Task<LogEngine> OpenAsync(CrashDisk disk, Action<string>? told = null, long segmentBytes = 1 << 20)
    {
        LogEngine engine = await LogEngine.OpenAsync(new EngineOptions { Disk = disk, IndexIntervalBytes = 256, SegmentBytes = segmentBytes, OnDamage = told });
        Assert.Equal(ErrorCode.None, await engine.CreateTopicAsync("a", 1));
        foreach (string value in Values) await engine.AppendAsync(A0, value);
        return engine;
    }
}
