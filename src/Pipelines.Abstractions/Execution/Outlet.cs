using System.ComponentModel;
using System.Runtime.CompilerServices;
using Pipelines.Protocol.Records;

namespace Pipelines.Execution;

/// <summary>Where an <see cref="Emit{T}"/> leads: to the partitions of a topic, or into the queue of a wire.</summary>
/// <remarks>
/// A wire's records wait here until the handler that sent them has returned: a handler that ran inside another could
/// move the state that the outer one holds by reference.
/// </remarks>
/// <typeparam name="T">The record's type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public sealed class Outlet<T> : OutletBase
    where T : struct, IRecord<T>
{
    private readonly TaskScope scope;
    private readonly OutputPartition[]? partitions;
    private T[] queue = [];

    internal Outlet(TaskScope scope, OutputPartition[]? partitions)
    {
        this.scope = scope;
        this.partitions = partitions;
    }

    /// <summary>The records waiting on the wire.</summary>
    public int Count { get; private set; }

    /// <summary>A record waiting on the wire.</summary>
    public ref readonly T this[int index] => ref queue[index];

    /// <summary>Sends a record to its topic, or onto the wire.</summary>
    /// <exception cref="RecordTooLargeException">The encoded record exceeds <see cref="RecordBuffer.MaxRecordBytes"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Send(in T record)
    {
        if (partitions is not null)
        {
            // A copy, so that the record itself never has to lie in memory: one that is made for the call goes member by member from registers into the queue.
            T copy = record;
            Write(in copy);
            return;
        }

        if (Count == queue.Length) Array.Resize(ref queue, Math.Max(4, Count * 2));
        queue[Count++] = record;
    }

    private void Write(in T record)
    {
        EncodeBuffer key = scope.OutputKey;
        key.Clear();
        if (T.HasKey) T.WriteKey(in record, key);
        Target(T.HasKey, key.Written).Append(
            T.EventTime(in record, scope.EventTime), T.HasKey, key.Written, new Value(in record), headers: default, headerCount: 0);
    }

    /// <summary>Sends a tombstone for the record's key to its table.</summary>
    /// <exception cref="InvalidOperationException">The type is not a table.</exception>
    public void Delete(in T record)
    {
        if (partitions is null || T.Schema.Kind != RecordKind.Table) ThrowNotTable();
        EncodeBuffer key = scope.OutputKey;
        key.Clear();
        T.WriteKey(in record, key);
        Target(hasKey: true, key.Written).Append(
            T.EventTime(in record, scope.EventTime), hasKey: true, key.Written, hasValue: false, value: default, headers: default, headerCount: 0);
    }

    /// <summary>Sends a record to an internal topic under <paramref name="key"/>, with the stream time that it was sent at.</summary>
    public void SendKeyed(in T record, ReadOnlySpan<byte> key)
    {
        long eventTime = T.EventTime(in record, scope.EventTime);
        OutputPartition target = Target(hasKey: true, key);
        if (scope.RecordTime == eventTime)
            target.Append(eventTime, hasKey: true, key, new Value(in record), headers: default, headerCount: 0);
        else
            target.Append(eventTime, hasKey: true, key, new Value(in record), scope.StreamTimeHeader(), headerCount: 1);
    }

    /// <summary>Forgets the records waiting on the wire.</summary>
    public override void Clear()
    {
        if (Count == 0) return;
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>()) queue.AsSpan(0, Count).Clear();
        Count = 0;
    }

    private OutputPartition Target(bool hasKey, ReadOnlySpan<byte> key)
    {
        OutputPartition[] all = partitions!;
        if (all.Length == 1) return all[0];
        return all[hasKey ? Murmur2.ToPartition(key, all.Length) : scope.Partition % all.Length];
    }

    private readonly ref struct Value(ref readonly T record) : IRecordValue
    {
        private readonly ref readonly T record = ref record;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Write(EncodeBuffer target) => T.WriteValue(in record, target);
    }

    private static void ThrowNotTable() => throw new InvalidOperationException(
        $"Record '{T.Schema.Name}' is not a [Table], so there is no row to delete. Declare it with [Table], or send a record that says so.");
}

/// <summary>What a task knows of its outlets whatever their type.</summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public abstract class OutletBase
{
    private protected OutletBase()
    {
    }

    /// <summary>Forgets the records waiting on the wire.</summary>
    public abstract void Clear();
}
