using Pipelines.Execution;

namespace Pipelines.Runtime.Reading;

/// <summary>One task's interest in one partition: what it has been given, and whether it has room for more.</summary>
/// <remarks>
/// Attached => Detached: it had no room for a bounded time while others waited for the next batch; a reader of its own goes on.
/// Detached => Attached: its own reader has come level with the shared one.
/// </remarks>
internal sealed class Subscription
{
    private readonly Func<Subscription, RecordBatch, bool> accept;
    private long pendingBatches;
    private long nextOffset;
    private long end;
    private volatile bool isLevel;
    private volatile bool isClosed;

    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="capacityBatches">How many batches may wait for the task.</param>
    /// <param name="accept">Queues a batch for the task.</param>
    internal Subscription(string topic, int partition, int capacityBatches, Func<Subscription, RecordBatch, bool> accept)
    {
        Topic = topic;
        Partition = partition;
        CapacityBatches = capacityBatches;
        this.accept = accept;
    }

    internal string Topic { get; }

    internal int Partition { get; }

    internal int CapacityBatches { get; }

    /// <summary>Set when the task has taken a batch, so that a reader may offer the next.</summary>
    internal Signal? Room { get; set; }

    /// <summary>The offset after the last batch given.</summary>
    internal long NextOffset
    {
        get => Volatile.Read(ref nextOffset);
        set => Volatile.Write(ref nextOffset, value);
    }

    /// <summary>The end of the partition as its reader last heard.</summary>
    internal long End
    {
        get => Volatile.Read(ref end);
        set => Volatile.Write(ref end, value);
    }

    /// <summary>True when the reader has come to the end of the partition and everything was given.</summary>
    internal bool IsLevel
    {
        get => isLevel;
        set => isLevel = value;
    }

    /// <summary>True when the task wants no more.</summary>
    internal bool IsClosed => isClosed;

    internal bool HasRoom => Volatile.Read(ref pendingBatches) < CapacityBatches;

    /// <summary>Gives a batch to the task when it has room.</summary>
    internal bool TryOffer(RecordBatch batch)
    {
        if (isClosed) return true;
        if (!HasRoom) return false;
        Interlocked.Increment(ref pendingBatches);
        batch.Retain();
        NextOffset = batch.NextOffset;
        if (accept(this, batch)) return true;
        Interlocked.Decrement(ref pendingBatches);
        batch.Release();
        return true;
    }

    /// <summary>The task is done with a batch.</summary>
    internal void Done(RecordBatch batch)
    {
        batch.Release();
        Interlocked.Decrement(ref pendingBatches);
        Room?.Set();
    }

    internal void Close()
    {
        isClosed = true;
        Room?.Set();
    }
}
