using System.Collections.Concurrent;
using Pipelines.Execution;

namespace Pipelines.Runtime.Reading;

/// <summary>Batches that are used again when their last user has released them.</summary>
internal sealed class BatchPool
{
    private readonly ConcurrentQueue<PooledBatch> free = new();

    /// <summary>A batch to fill.</summary>
    internal PooledBatch Rent() => free.TryDequeue(out PooledBatch? pooled) ? pooled : new PooledBatch(free);
}

/// <summary>A batch, its entries, and the fetch that lends its bytes.</summary>
internal sealed class PooledBatch : IRecordBatchOwner
{
    private readonly ConcurrentQueue<PooledBatch> free;
    private IDisposable? lender;

    internal PooledBatch(ConcurrentQueue<PooledBatch> free)
    {
        this.free = free;
        Batch = new RecordBatch(this);
    }

    internal RecordBatch Batch { get; }

    /// <summary>The entries that the cutter fills.</summary>
    internal RecordEntry[] Entries { get; private set; } = new RecordEntry[256];

    /// <summary>Makes room for more entries and keeps those that are filled.</summary>
    /// <param name="wanted">How many are needed.</param>
    /// <param name="expected">How many will probably be.</param>
    /// <param name="filled">How many there are.</param>
    internal void Grow(int wanted, int expected, int filled)
    {
        var larger = new RecordEntry[Math.Max(Math.Max(wanted, expected), Entries.Length + (Entries.Length / 4))];
        Entries.AsSpan(0, filled).CopyTo(larger);
        Entries = larger;
    }

    /// <summary>Hands over the bytes; the batch has one reference then.</summary>
    internal void Fill(string topic, int partition, byte[] bytes, int count, long nextOffset, IDisposable? lentBy)
    {
        lender = lentBy;
        Batch.Reset(topic, partition, bytes, Entries, count, nextOffset);
    }

    /// <inheritdoc/>
    void IRecordBatchOwner.Return(RecordBatch batch)
    {
        IDisposable? toReturn = lender;
        lender = null;
        toReturn?.Dispose();
        free.Enqueue(this);
    }
}
