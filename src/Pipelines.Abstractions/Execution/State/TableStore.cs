using System.ComponentModel;

namespace Pipelines.Execution;

/// <summary>A table that handlers look rows up in, whatever its type.</summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public abstract class TableStoreBase
{
    private protected TableStoreBase()
    {
    }

    /// <summary>The rows held.</summary>
    public abstract int Count { get; }

    /// <summary>Takes in one record of the table's topic: a row, or a tombstone.</summary>
    /// <exception cref="RecordFormatException">The row does not decode.</exception>
    public abstract void Apply(RecordBatch batch, in RecordEntry entry);
}

/// <summary>The rows of one partition of a table by key, as of the last record read.</summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public sealed class TableStore<T> : TableStoreBase
    where T : struct, IRecord<T>
{
    private readonly KeyTable<T> rows = new();

    internal TableStore()
    {
    }

    /// <inheritdoc/>
    public override int Count => rows.Count;

    /// <summary>The row of a key.</summary>
    /// <returns><see langword="false"/> when there is none.</returns>
    public bool TryGet(ReadOnlySpan<byte> key, out T row)
    {
        int index = rows.Find(key);
        row = index < 0 ? default : rows[index].State;
        return index >= 0;
    }

    /// <inheritdoc/>
    public override void Apply(RecordBatch batch, in RecordEntry entry)
    {
        ReadOnlySpan<byte> key = batch.Key(in entry);
        if (entry.ValueLength < 0)
        {
            int index = rows.Find(key);
            if (index >= 0) rows.RemoveAt(index);
            return;
        }

        T row;
        if (T.Schema.BorrowsBytes)
        {
            // The row outlives the batch, so what it borrows has to be its own.
            byte[] own = [.. key, .. batch.Value(in entry)];
            var moved = entry with { KeyStart = 0, ValueStart = key.Length };
            T.Read(own, in moved, out row);
        }
        else
        {
            T.Read(batch.Bytes, in entry, out row);
        }

        rows[rows.GetOrAdd(key, out _)].State = row;
    }
}
