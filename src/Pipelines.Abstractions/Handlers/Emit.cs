using Pipelines.Execution;

namespace Pipelines;

/// <summary>An output of a handler: a topic, a table, or a wire to other handlers of the deployment.</summary>
/// <remarks>
/// What is sent becomes visible when the epoch commits, and never when the handler throws. Records sent on a wire are handled
/// when the handler that sent them has returned, in the order sent.
/// </remarks>
/// <typeparam name="T">The record's type.</typeparam>
public readonly struct Emit<T>
    where T : struct, IRecord<T>
{
    private readonly Outlet<T> outlet;

    /// <summary>For generated code.</summary>
    public Emit(Outlet<T> outlet) => this.outlet = outlet;

    /// <summary>Sends a record; on a table it replaces the row of its key.</summary>
    /// <exception cref="RecordTooLargeException">The encoded record is larger than a batch may be; the record being handled fails.</exception>
    public void Send(in T record) => outlet.Send(in record);

    /// <summary>Removes the row that has the key of <paramref name="record"/> from a table; its other members do not matter.</summary>
    /// <exception cref="InvalidOperationException">The type is not a table.</exception>
    public void Delete(in T record) => outlet.Delete(in record);
}
