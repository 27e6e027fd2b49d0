using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Pipelines.Execution;

/// <summary>Takes back a batch that nobody uses any more.</summary>
public interface IRecordBatchOwner
{
    /// <summary>The last user has released <paramref name="batch"/>: its bytes and entries may be used again.</summary>
    void Return(RecordBatch batch);
}

/// <summary>Records of one partition, as read: the broker's bytes and an entry per record. Shared by reference count and never written.</summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public sealed class RecordBatch
{
    private readonly IRecordBatchOwner? owner;
    private int references;

    /// <summary>A batch that goes back to <paramref name="owner"/> when the last reference is released.</summary>
    public RecordBatch(IRecordBatchOwner? owner = null) => this.owner = owner;

    /// <summary>The topic that the records were read from.</summary>
    public string Topic { get; private set; } = "";

    /// <summary>The partition of the topic.</summary>
    public int Partition { get; private set; }

    /// <summary>The bytes that the entries point into.</summary>
    public byte[] Bytes { get; private set; } = [];

    /// <summary>An entry per record; only the first <see cref="Count"/> are in use.</summary>
    public RecordEntry[] Entries { get; private set; } = [];

    /// <summary>The number of records.</summary>
    public int Count { get; private set; }

    /// <summary>The offset that follows this batch: where the next one begins, also across control records and gaps.</summary>
    public long NextOffset { get; private set; }

    /// <summary>Fills the batch and gives it one reference.</summary>
    public void Reset(string topic, int partition, byte[] bytes, RecordEntry[] entries, int count, long nextOffset)
    {
        Topic = topic;
        Partition = partition;
        Bytes = bytes;
        Entries = entries;
        Count = count;
        NextOffset = nextOffset;
        references = 1;
    }

    /// <summary>The bytes of the record's key; empty when it has none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Key(in RecordEntry entry) =>
        entry.KeyLength <= 0 ? default : Bytes.AsSpan(entry.KeyStart, entry.KeyLength);

    /// <summary>The bytes of the record's value; empty when it has none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Value(in RecordEntry entry) =>
        entry.ValueLength <= 0 ? default : Bytes.AsSpan(entry.ValueStart, entry.ValueLength);

    /// <summary>Adds a user who will call <see cref="Release"/>.</summary>
    public void Retain() => Interlocked.Increment(ref references);

    /// <summary>Ends one use; the last returns the batch to its owner.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref references) == 0) owner?.Return(this);
    }
}
