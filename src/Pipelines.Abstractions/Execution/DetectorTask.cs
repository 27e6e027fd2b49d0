using System.ComponentModel;

namespace Pipelines.Execution;

/// <summary>One component on one partition: the loop that the generator writes derives from this. Single-threaded.</summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public abstract class DetectorTask
{
    /// <summary>Takes over the context's scope.</summary>
    protected DetectorTask(TaskContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Scope = context.Scope;
        Tables = context.Tables;
    }

    /// <summary>What surrounds each record.</summary>
    public TaskScope Scope { get; }

    /// <summary>The tables that handlers look rows up in, by input; the host fills them.</summary>
    public IReadOnlyDictionary<int, TableStoreBase> Tables { get; }

    /// <summary>Handles the records from <see cref="TaskScope.Position"/> to <see cref="TaskScope.End"/> of <see cref="TaskScope.Batch"/>.</summary>
    /// <param name="input">The index of the input that the batch was read from.</param>
    /// <returns><see langword="false"/> when it stopped early: <see cref="TaskScope.Status"/> tells why.</returns>
    public abstract bool Process(int input);

    /// <summary>Closes the windows that are due.</summary>
    public virtual void Close() => Scope.EndClose();
}
