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
    /// <exception cref="RecordFormatException">The record has no key, or its row does not decode; the table is as it was.</exception>
    public abstract void Apply(RecordBatch batch, in RecordEntry entry);

    /// <summary>Asks for the memory of the row that a key has, or will have.</summary>
    public abstract void Prefetch(ReadOnlySpan<byte> key);

    /// <summary>Takes in all records of a batch.</summary>
    /// <exception cref="RecordFormatException">A record has no key, or its row does not decode; the table has what came before it.</exception>
    public void Apply(RecordBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        for (int i = 0; i < batch.Count; i++)
        {
            if (i + TaskScope.LookAhead < batch.Count) Prefetch(batch.Key(in batch.Entries[i + TaskScope.LookAhead]));
            Apply(batch, in batch.Entries[i]);
        }
    }
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
        if (entry.KeyLength < 0) ThrowNoKey(batch, in entry);
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

    /// <inheritdoc/>
    public override void Prefetch(ReadOnlySpan<byte> key) => rows.Prefetch(key);

    private static void ThrowNoKey(RecordBatch batch, in RecordEntry entry) => throw new RecordFormatException(
        $"The record at offset {entry.Offset} of table '{batch.Topic}', partition {batch.Partition}, has no key, so it is no row. Write the table's records with the key of their row.");
}
