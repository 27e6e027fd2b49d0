using Pipelines.Execution;

namespace Pipelines.Runtime.Tasks;

/// <summary>What a task needs of its worker.</summary>
internal sealed class TaskRunnerContext
{
    internal required TimeProvider Clock { get; init; }

    /// <summary>How long a partition must have been empty to be idle.</summary>
    internal required TimeSpan IdleAfter { get; init; }

    /// <summary>How large an open epoch may become: a task asks for a commit then and waits for it.</summary>
    internal required MemoryBudget Epochs { get; init; }

    internal required Action RequestCommit { get; init; }

    internal required Action<TaskRunner, Exception> OnStopped { get; init; }

    /// <summary>A row of a look-up table that does not decode; it is left out.</summary>
    internal required Action<RecordBatch, long, RecordFormatException> OnBadRow { get; init; }

    /// <summary>Applies one row; one that does not decode is told and left out.</summary>
    internal void ApplyRow(TableStoreBase table, RecordBatch batch, int index)
    {
        try
        {
            table.Apply(batch, in batch.Entries[index]);
        }
        catch (RecordFormatException malformed)
        {
            OnBadRow(batch, batch.Entries[index].Offset, malformed);
        }
    }
}
