using Pipelines.Broker.Tests.Support;
using static Pipelines.Broker.Tests.Support.Engines;

namespace Pipelines.Broker.Tests;

public sealed class StorageTests
{
    private const int DiskFull = 28;

    [Theory]
    [InlineData("write")]
    [InlineData("flush")]
    [InlineData("create")]
    [InlineData("flush folder")]
    public async Task A_failed_operation_is_the_end_and_a_restart_has_what_was_acknowledged(string operation)
    {
        var disk = new CrashDisk();
        LogEngine engine = await WithTopicsAsync(disk, segmentBytes: 500);
        var acknowledged = new List<string>();
        int attempts = 0;
        bool fails = false;
        disk.Fault = (what, _) => fails && what == operation ? new IOException("Input/output error") : null;
        Task<FetchResult> waiting = engine.FetchAsync(A1, 0, 100, readCommitted: true, TimeSpan.FromMinutes(5));
        Exception? first = null;
        while (first is null)
        {
            fails = ++attempts > 5;
            try
            {
                await engine.AppendAsync(A0, $"{attempts}");
                acknowledged.Add($"{attempts}");
            }
            catch (StorageFailedException failed)
            {
                first = failed;
            }
        }

        Assert.Contains("Input/output error", first.Message, StringComparison.Ordinal);
        Assert.Same(first, await engine.Failed);
        await Assert.ThrowsAsync<StorageFailedException>(() => waiting);
        fails = false;
        // The disk works again, but nobody knows what it has forgotten.
        Assert.Same(first, await Assert.ThrowsAsync<StorageFailedException>(() => engine.AppendAsync(A0, "later")));
        Assert.Same(first, await Assert.ThrowsAsync<StorageFailedException>(() => engine.FetchAsync(A0, 0, 100, readCommitted: true, TimeSpan.Zero)));
        await engine.DisposeAsync();

        await using LogEngine again = await OpenAsync(disk.AfterPowerCut(new Random(1), keepChance: 0));
        string[] found = await Batches.ValuesAsync(again, A0);
        Assert.Equal(acknowledged, found.Take(acknowledged.Count));
    }

    [Fact]
    public async Task A_full_disk_is_named()
    {
        var disk = new CrashDisk();
        LogEngine engine = await WithTopicsAsync(disk);
        disk.Fault = static (what, _) => what == "write" ? new IOException("No space left on device") { HResult = DiskFull } : null;
        StorageFailedException full = await Assert.ThrowsAsync<StorageFailedException>(() => engine.AppendAsync(A0, "x"));
        Assert.True(full.IsDiskFull);
        Assert.Contains("The disk is full", full.Message, StringComparison.Ordinal);
        Assert.Contains("Make room", full.Message, StringComparison.Ordinal);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_failure_that_is_no_io_error_stops_the_engine_too()
    {
        var disk = new CrashDisk();
        LogEngine engine = await WithTopicsAsync(disk);
        disk.Fault = static (what, _) => what == "write" ? new UnauthorizedAccessException("Read-only file system") : null;
        await Assert.ThrowsAsync<StorageFailedException>(() => engine.AppendAsync(A0, "x"));
        Assert.True(engine.Failed.IsCompleted);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task One_round_of_flushes_acknowledges_all_that_came_while_the_former_was_under_way()
    {
        var disk = new CrashDisk();
        int flushes = 0;
        var gate = new TaskCompletionSource();
        await using LogEngine engine = await WithTopicsAsync(new SlowDisk(disk, () =>
        {
            Interlocked.Increment(ref flushes);
            return gate.Task;
        }));
        Task<long> first = engine.AppendAsync(A0, "first");
        while (Volatile.Read(ref flushes) == 0) await Task.Delay(1);
        Task<long>[] others = [.. Enumerable.Range(0, 100).Select(i => engine.AppendAsync(A0, $"{i}"))];
        await Task.Delay(20);
        Assert.DoesNotContain(others, static task => task.IsCompleted);
        Assert.Equal(0, engine.FindOffsets(A0)!.Value.HighWatermark);
        int before = Volatile.Read(ref flushes);
        gate.SetResult();
        await first;
        await Task.WhenAll(others);
        Assert.Equal(101, engine.FindOffsets(A0)!.Value.HighWatermark);
        // The log and the journal, once.
        Assert.InRange(Volatile.Read(ref flushes) - before, 1, 2);
    }

    [Fact]
    public async Task An_abort_moves_the_stable_offset_only_when_its_marker_is_durable()
    {
        var gate = new SemaphoreSlim(0);
        int flushes = 0;
        bool isSlow = false;
        await using LogEngine engine = await WithTopicsAsync(new SlowDisk(new CrashDisk(), () =>
        {
            Interlocked.Increment(ref flushes);
            return isSlow ? gate.WaitAsync() : Task.CompletedTask;
        }));
        Producer producer = await Producer.OpenAsync(engine, "id");
        await producer.AddAsync(A0);
        await producer.AppendAsync(A0, "aborted");
        using var opening = new Opening(() =>
        {
            isSlow = false;
            gate.Release(100);
        });
        isSlow = true;
        flushes = 0;
        Task<long> first = engine.AppendAsync(A0, "behind it");
        while (Volatile.Read(ref flushes) == 0) await Task.Delay(1);
        // The marker is written while a round is under way that does not cover it.
        Task<ErrorCode> abort = producer.EndAsync(commit: false);
        await engine.FindOffsetAsync("g", A0);
        gate.Release();
        await first;
        Assert.Equal(new PartitionOffsets(0, 2, 0), engine.FindOffsets(A0));
        while (Volatile.Read(ref flushes) == 1) await Task.Delay(1);
        Assert.False(abort.IsCompleted);
        isSlow = false;
        gate.Release();
        Assert.Equal(ErrorCode.None, await abort);
        Assert.Equal(new PartitionOffsets(0, 3, 3), engine.FindOffsets(A0));
    }

    /// <summary>Lets a held disk go on, whatever the test came to.</summary>
    private sealed class Opening(Action open) : IDisposable
    {
        public void Dispose() => open();
    }
}
