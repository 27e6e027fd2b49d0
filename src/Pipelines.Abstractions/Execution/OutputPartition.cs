using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Pipelines.Execution;

/// <summary>What a task writes to one partition: the records of the open epoch and those of the epoch whose commit is in flight.</summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public sealed class OutputPartition
{
    private readonly UndoScope undo;
    private RecordBuffer.Mark recordStart;
    private uint recordSequence;

    internal OutputPartition(string topic, int partition, UndoScope undo)
    {
        Topic = topic;
        Partition = partition;
        this.undo = undo;
    }

    /// <summary>The topic's name on the broker.</summary>
    public string Topic { get; }

    /// <summary>The partition.</summary>
    public int Partition { get; }

    /// <summary>Records of the epoch that was sealed and is not yet acknowledged.</summary>
    public RecordBuffer Sealed { get; private set; } = new();

    /// <summary>Records of the open epoch.</summary>
    internal RecordBuffer Open { get; private set; } = new();

    internal void Append(long timestamp, bool hasKey, ReadOnlySpan<byte> key, bool hasValue, ReadOnlySpan<byte> value, ReadOnlySpan<byte> headers, int headerCount)
    {
        KeepMark();
        Open.Append(timestamp, hasKey, key, hasValue, value, headers, headerCount);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Append<TValue>(long timestamp, bool hasKey, ReadOnlySpan<byte> key, TValue value, ReadOnlySpan<byte> headers, int headerCount)
        where TValue : struct, IRecordValue, allows ref struct
    {
        KeepMark();
        Open.Append(timestamp, hasKey, key, value, headers, headerCount);
    }

    /// <summary>Takes back what the record at hand has written.</summary>
    internal void RollbackRecord()
    {
        if (recordSequence == undo.Sequence) Open.Restore(in recordStart);
    }

    internal void Seal()
    {
        // Nothing of it changes from here on, whoever looks at it meanwhile.
        Open.EndBatch();
        (Open, Sealed) = (Sealed, Open);
        recordSequence = 0;
    }

    internal void RollbackOpen()
    {
        Open.Clear();
        recordSequence = 0;
    }

    /// <summary>Remembers where the record at hand found the buffer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void KeepMark()
    {
        if (recordSequence == undo.Sequence) return;
        recordSequence = undo.Sequence;
        Open.Save(ref recordStart);
    }

    /// <summary>The sealed epoch was acknowledged, or is undone: either way its records are done with.</summary>
    internal void ClearSealed() => Sealed.Clear();
}
