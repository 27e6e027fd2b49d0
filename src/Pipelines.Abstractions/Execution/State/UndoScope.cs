namespace Pipelines.Execution;

/// <summary>Where a task stands in its undo scopes; shared with its stores and outputs.</summary>
internal sealed class UndoScope
{
    /// <summary>Grows by one with every undo scope: a record, or one key of a window that closes.</summary>
    internal uint Sequence;

    /// <summary>The first sequence of the open epoch.</summary>
    internal uint EpochStart;
}
