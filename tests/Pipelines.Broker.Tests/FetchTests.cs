using Pipelines.Broker.Log;
using Pipelines.Broker.Tests.Support;
using Pipelines.Protocol.Records;
using static Pipelines.Broker.Tests.Support.Engines;

namespace Pipelines.Broker.Tests;

public sealed class FetchTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Whole_batches_come_from_the_one_that_holds_the_offset_on_and_at_least_one()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk(), segmentBytes: 700);
        byte[] batch = Batches.Plain("a", "b", "c");
        for (int i = 0; i < 50; i++) await engine.AppendAsync(A0, batch);
        for (long offset = 0; offset < 150; offset++)
        {
            foreach (int maxBytes in (int[])[0, 1, batch.Length, (2 * batch.Length) - 1, 3 * batch.Length, 100_000])
            {
                using FetchResult result = await engine.FetchAsync(A0, offset, maxBytes, readCommitted: true, TimeSpan.Zero);
                Assert.True(RecordBatchHeader.TryRead(result.Bytes, out RecordBatchHeader header));
                Assert.InRange(offset, header.BaseOffset, header.LastOffset);
                Assert.Equal(0, result.Length % batch.Length);
                Assert.InRange(result.Length, batch.Length, Math.Max(batch.Length, maxBytes));
            }
        }

        (List<Seen> all, long next) = await Batches.ReadAllAsync(engine, A0);
        Assert.Equal(150, next);
        Assert.Equal(Enumerable.Range(0, 150).Select(static offset => new Seen(offset, offset % 3 == 0 ? "a" : offset % 3 == 1 ? "b" : "c")), all);
    }

    [Fact]
    public async Task Readers_that_do_not_take_what_they_asked_for_leave_one_batch_to_others()
    {
        await using LogEngine engine = await LogEngine.OpenAsync(new EngineOptions { Disk = new CrashDisk(), MaxFetchMemoryBytes = 10_000 });
        await engine.CreateTopicAsync("a", 2);
        byte[] batch = Batches.Plain(new string('x', 1000));
        for (int i = 0; i < 20; i++)
        {
            await engine.AppendAsync(A0, batch);
            await engine.AppendAsync(A1, batch);
        }

        FetchPart[] both = [new(A0, 0, 100_000), new(A1, 0, 100_000)];
        FetchResult[] slow = await engine.FetchAsync(both, 100_000, readCommitted: true, TimeSpan.Zero);
        int taken = slow.Sum(static part => part.Length);
        Assert.InRange(taken, 10_000 - batch.Length, 10_000 + batch.Length);
        FetchResult[] other = await engine.FetchAsync(both, 100_000, readCommitted: true, TimeSpan.Zero);
        Assert.Equal([batch.Length, 0], other.Select(static part => part.Length));
        foreach (FetchResult part in (FetchResult[])[.. slow, .. other]) part.Dispose();
        FetchResult[] again = await engine.FetchAsync(both, 100_000, readCommitted: true, TimeSpan.Zero);
        Assert.Equal(taken, again.Sum(static part => part.Length));
        foreach (FetchResult part in again) part.Dispose();
    }

    [Fact]
    public async Task Out_of_range_is_only_what_is_behind_the_end_or_before_the_start()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await ErrorAsync(new TopicPartition("none", 0), 0));
        Assert.Equal(ErrorCode.None, await ErrorAsync(A0, 0));
        Assert.Equal(ErrorCode.OffsetOutOfRange, await ErrorAsync(A0, 1));
        Assert.Equal(ErrorCode.OffsetOutOfRange, await ErrorAsync(A0, -1));
        Producer producer = await Producer.OpenAsync(engine, "id");
        await producer.AddAsync(A0);
        await producer.AppendAsync(A0, "1", "2");
        for (int offset = 0; offset <= 2; offset++)
        {
            using FetchResult result = await engine.FetchAsync(A0, offset, 1000, readCommitted: true, TimeSpan.Zero);
            Assert.Equal((ErrorCode.None, 0, 0L, 2L, 0L), (result.Error, result.Length, result.StartOffset, result.HighWatermark, result.StableOffset));
        }

        Assert.Equal(ErrorCode.OffsetOutOfRange, await ErrorAsync(A0, 3));

        async Task<ErrorCode> ErrorAsync(TopicPartition partition, long offset)
        {
            using FetchResult result = await engine.FetchAsync(partition, offset, 1000, readCommitted: true, TimeSpan.Zero);
            return result.Error;
        }
    }

    [Fact]
    public async Task A_waiting_fetch_wakes_when_its_data_may_be_read_and_not_before()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        Task<FetchResult> uncommitted = engine.FetchAsync(A0, 0, 1000, readCommitted: false, Long);
        Task<FetchResult> committed = engine.FetchAsync(A0, 0, 1000, readCommitted: true, Long);
        Producer producer = await Producer.OpenAsync(engine, "id");
        await producer.AddAsync(A0);
        await producer.AppendAsync(A0, "x");
        using (FetchResult result = await uncommitted) Assert.Equal(1, result.HighWatermark);
        Assert.False(committed.IsCompleted);
        await producer.EndAsync(commit: true);
        using (FetchResult result = await committed) Assert.Equal(["x"], Batches.Decode(result, 0, true).Select(static record => record.Value));
    }

    [Fact]
    public async Task A_fetch_waits_for_as_many_bytes_as_it_asks_for()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        byte[] batch = Batches.Plain("abc");
        Task<FetchResult> waiting = engine.FetchAsync(A0, 0, 100_000, readCommitted: true, Long, minBytes: 3 * batch.Length);
        await engine.AppendAsync(A0, batch);
        await engine.AppendAsync(A0, batch);
        await Task.Delay(20);
        Assert.False(waiting.IsCompleted);
        await engine.AppendAsync(A0, batch);
        using (FetchResult result = await waiting) Assert.Equal(3 * batch.Length, result.Length);

        using FetchResult less = await engine.FetchAsync(A0, 0, 100_000, readCommitted: true, TimeSpan.FromMilliseconds(30), minBytes: 10_000);
        Assert.Equal(3 * batch.Length, less.Length);
    }

    [Fact]
    public async Task A_fetch_that_waits_in_vain_comes_back_empty()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        using FetchResult result = await engine.FetchAsync(A0, 0, 1000, readCommitted: true, TimeSpan.FromMilliseconds(20));
        Assert.Equal((ErrorCode.None, 0), (result.Error, result.Length));
    }

    [Fact]
    public async Task Closing_ends_fetches_that_wait()
    {
        LogEngine engine = await WithTopicsAsync(new CrashDisk());
        Task<FetchResult> waiting = engine.FetchAsync(A0, 0, 1000, readCommitted: true, Long);
        await engine.DisposeAsync();
        await Assert.ThrowsAsync<StorageFailedException>(() => waiting);
        await Assert.ThrowsAsync<StorageFailedException>(() => engine.FetchAsync(A0, 0, 1000, readCommitted: true, Long));
        Assert.Contains("closed", (await Assert.ThrowsAsync<StorageFailedException>(() => engine.CreateTopicAsync("late", 1))).Message, StringComparison.Ordinal);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task Buffers_are_used_again_and_may_be_given_back_twice()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        await engine.AppendAsync(A0, "x");
        FetchResult first = await engine.FetchAsync(A0, 0, 1000, readCommitted: true, TimeSpan.Zero);
        FetchResult second = await engine.FetchAsync(A0, 0, 1000, readCommitted: true, TimeSpan.Zero);
        Assert.NotSame(first.Bytes, second.Bytes);
        first.Dispose();
        first.Dispose();
        using FetchResult third = await engine.FetchAsync(A0, 0, 1000, readCommitted: true, TimeSpan.Zero);
        using FetchResult fourth = await engine.FetchAsync(A0, 0, 1000, readCommitted: true, TimeSpan.Zero);
        Assert.NotSame(third.Bytes, fourth.Bytes);
        second.Dispose();
    }

    [Fact]
    public async Task Times_find_the_first_batch_in_offset_order_that_reaches_them()
    {
        var disk = new CrashDisk();
        await using LogEngine engine = await WithTopicsAsync(disk, segmentBytes: 400);
        var model = new List<long>();
        var random = new Random(3);
        for (int i = 0; i < 100; i++)
        {
            // Client times go back now and then.
            long[] times = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => (i * 10L) + random.Next(-200, 200))];
            Assert.Equal(ErrorCode.None, (await engine.AppendAsync(A0, Batches.Timed(times))).Error);
            model.AddRange(times);
        }

        for (long time = -250; time < 1300; time += 7)
        {
            int expected = model.FindIndex(value => value >= time);
            Assert.Equal(expected < 0 ? (-1, -1) : (expected, model[expected]), engine.FindTime(A0, time));
        }
    }
}
