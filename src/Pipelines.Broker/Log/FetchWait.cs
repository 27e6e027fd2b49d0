namespace Pipelines.Broker.Log;

/// <summary>A fetch that waits for an offset to become readable, or for its time to be over.</summary>
/// <param name="offset">The offset.</param>
/// <param name="readCommitted">Which end of the log counts.</param>
/// <param name="woken">Completed then; shared by the waits of one fetch.</param>
internal sealed class FetchWait(long offset, bool readCommitted, TaskCompletionSource woken)
{
    internal FetchWait(long offset, bool readCommitted)
        : this(offset, readCommitted, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
    {
    }

    /// <summary>The offset that has to be below the reader's limit.</summary>
    internal long Offset { get; } = offset;

    /// <summary>True when the limit is the last stable offset, false when it is the high watermark.</summary>
    internal bool ReadCommitted { get; } = readCommitted;

    internal Task Woken => woken.Task;

    internal void Wake() => woken.TrySetResult();
}
