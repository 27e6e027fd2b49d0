using Pipelines.Execution;
using Pipelines.Topology;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Pipelines.Allocation.Tests;

public sealed class TaskAllocationTests
{
    private const int BatchRecords = 256;
    private DetectorTask task = null!;
    private long offset;

    private void Create(string detector)
    {
        ComponentDefinition component = DeploymentTopology.Of(typeof(TaskAllocationTests).Assembly).Components.Single(component => component.Name == detector);
        task = component.Create(new TaskContext(component, new TaskOptions
        {
            Deployment = "test",
            Version = "1",
            Partition = 0,
            PartitionCount = 1,
            Changelog = "changelog",
            DeadLetters = ("dead-letters", 1),
            ResolveOutput = static output => (output.Topic, 2),
        }));
    }

    [Theory]
    [InlineData("big-trades")]
    [InlineData("per-second")]
    public void Decode_handlers_state_windows_wires_and_encode_allocate_nothing_per_record(string detector)
    {
        Create(detector);
        RecordBatch[] batches = [.. Enumerable.Range(0, 400).Select(_ => NextBatch())];
        Run(batches.AsSpan(0, 300));
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (RecordBatch batch in batches.AsSpan(300, 100)) Process(batch);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(0, allocated);
    }

    [Theory]
    [InlineData("big-trades")]
    [InlineData("per-second")]
    public void A_commit_allocates_the_same_however_many_records_it_has(string detector)
    {
        Create(detector);
        RecordBatch[] batches = [.. Enumerable.Range(0, 1000).Select(_ => NextBatch())];
        Run(batches.AsSpan(0, 900));
        long few = AllocatedBy(batches.AsSpan(900, 2));
        long many = AllocatedBy(batches.AsSpan(902, 60));
        Assert.Equal(few, many);
    }

    /// <summary>Epochs larger than those that the tests measure, so that every buffer and every pool has its size.</summary>
    private void Run(ReadOnlySpan<RecordBatch> batches)
    {
        for (int start = 0; start < batches.Length; start += 150) AllocatedBy(batches.Slice(start, 150));
    }

    private long AllocatedBy(ReadOnlySpan<RecordBatch> batches)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (RecordBatch batch in batches) Process(batch);
        task.Scope.Seal(0);
        task.Scope.Acknowledge();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private void Process(RecordBatch batch)
    {
        task.Scope.SetBatch(batch, 0, batch.Count);
        Assert.True(task.Process(0));
    }

    private RecordBatch NextBatch()
    {
        var bytes = new EncodeBuffer(16 * 1024);
        var entries = new RecordEntry[BatchRecords];
        for (int i = 0; i < BatchRecords; i++, offset++)
        {
            var trade = new Trade(offset % 500, (int)(offset * 7 % 100), new Text("note"), 1_700_000_000_000 + offset);
            int key = bytes.Length;
            Trade.WriteKey(in trade, bytes);
            int value = bytes.Length;
            Trade.WriteValue(in trade, bytes);
            entries[i] = new RecordEntry(offset, trade.AtMs, key, value - key, value, bytes.Length - value, bytes.Length, 0);
        }

        var batch = new RecordBatch();
        batch.Reset("trades", 0, bytes.Written.ToArray(), entries, entries.Length, offset);
        return batch;
    }
}
