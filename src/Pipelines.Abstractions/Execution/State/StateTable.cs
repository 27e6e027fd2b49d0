using System.Runtime.CompilerServices;

namespace Pipelines.Execution;

/// <summary>A key table whose changes can be undone: those of the record at hand, of the open epoch, and of the one in flight.</summary>
/// <remarks>
/// The first touch of a slot in an epoch keeps the old state for the epoch; the first touch in a later record of the same epoch keeps it for
/// the record. Logs hold slot indexes, so they are translated when the table grows.
/// </remarks>
internal sealed class StateTable<T>
{
    private readonly UndoScope undo;
    private readonly KeyTable<T> table = new();
    private Log epoch = new();
    private Log inFlight = new();
    private Log record = new();
    private uint recordSequence;
    private int recordMark;

    internal StateTable(UndoScope undo)
    {
        this.undo = undo;
        table.Moved = Translate;
    }

    internal KeyTable<T> Table => table;

    /// <summary>True when the open epoch has touched a key.</summary>
    internal bool HasChanges => epoch.Count > 0;

    /// <summary>The state of a key, to be changed in place; the reference is good until the next key is added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref T GetRef(ReadOnlySpan<byte> key)
    {
        int index = table.GetOrAdd(key, out bool added);
        ref KeyTable<T>.Slot slot = ref table[index];
        if (slot.Stamp != undo.Sequence) Keep(index, ref slot, added);
        return ref slot.State;
    }

    /// <summary>Changes a key's state outside undo; for restoring.</summary>
    internal void Put(ReadOnlySpan<byte> key, in T state) => table[table.GetOrAdd(key, out _)].State = state;

    internal void Remove(ReadOnlySpan<byte> key)
    {
        int index = table.Find(key);
        if (index >= 0) table.RemoveAt(index);
    }

    internal void RollbackRecord()
    {
        if (recordSequence != undo.Sequence) return;
        for (int i = record.Count - 1; i >= 0; i--)
        {
            ref Entry entry = ref record.Entries[i];
            table[entry.Slot].State = entry.State;
            // The epoch's log still holds the slot, so its stamp must say that the epoch has touched it.
            table[entry.Slot].Stamp = undo.EpochStart;
        }

        record.Clear();
        epoch.RollbackTo(table, recordMark);
        recordSequence = 0;
    }

    internal void RollbackOpen()
    {
        epoch.RollbackTo(table, 0);
        record.Clear();
        recordSequence = 0;
    }

    internal void RollbackSealed() => inFlight.RollbackTo(table, 0);

    /// <summary>Calls back for each key that the open epoch changed, then makes the epoch the one in flight.</summary>
    internal void Seal<TSink>(ref TSink sink)
        where TSink : struct, IChangeSink<T>, allows ref struct
    {
        bool looksAhead = table.IsLarge;
        for (int i = 0; i < epoch.Count; i++)
        {
            if (looksAhead && i + TaskScope.LookAhead < epoch.Count) table.Prefetch(epoch.Entries[i + TaskScope.LookAhead].Slot);
            int slot = epoch.Entries[i].Slot;
            sink.Changed(table.KeyAt(slot), in table[slot].State);
        }

        (epoch, inFlight) = (inFlight, epoch);
        record.Clear();
        recordSequence = 0;
    }

    internal void Acknowledge() => inFlight.Clear();

    /// <summary>Calls back for each key that the changelog may know: all but those that the open epoch added.</summary>
    internal void VisitLogged<TSink>(ref TSink sink)
        where TSink : struct, IChangeSink<T>, allows ref struct
    {
        for (int i = 0; i < epoch.Count; i++)
        {
            // Marked by a stamp of its own, so that the walk below leaves it out.
            if (epoch.Entries[i].Added) table[epoch.Entries[i].Slot].Stamp = uint.MaxValue;
        }

        for (int index = 0; index < table.Capacity; index++)
        {
            ref KeyTable<T>.Slot slot = ref table[index];
            if (slot.IsOccupied && slot.Stamp != uint.MaxValue) sink.Changed(table.KeyAt(index), in slot.State);
        }
    }

    /// <summary>Sequences begin anew: no slot has been touched in any of them. Only between epochs.</summary>
    internal void ResetStamps()
    {
        for (int index = 0; index < table.Capacity; index++) table[index].Stamp = 0;
    }

    internal void Clear()
    {
        table.Clear();
        epoch.Clear();
        inFlight.Clear();
        record.Clear();
        recordSequence = 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Keep(int index, ref KeyTable<T>.Slot slot, bool added)
    {
        if (recordSequence != undo.Sequence)
        {
            recordSequence = undo.Sequence;
            recordMark = epoch.Count;
            record.Clear();
        }

        if (added || slot.Stamp < undo.EpochStart) epoch.Add(index, added, in slot.State);
        else record.Add(index, added: false, in slot.State);
        slot.Stamp = undo.Sequence;
    }

    private void Translate(int[] places)
    {
        epoch.Translate(places);
        inFlight.Translate(places);
        record.Translate(places);
    }

    private struct Entry
    {
        internal int Slot;
        internal bool Added;
        internal T State;
    }

    /// <summary>Old states, in the order in which they were replaced.</summary>
    private sealed class Log
    {
        internal Entry[] Entries { get; private set; } = [];

        internal int Count { get; private set; }

        internal void Add(int slot, bool added, in T state)
        {
            if (Count == Entries.Length)
            {
                Entry[] larger = new Entry[Math.Max(16, Count * 2)];
                Entries.AsSpan(0, Count).CopyTo(larger);
                Entries = larger;
            }

            ref Entry entry = ref Entries[Count++];
            entry.Slot = slot;
            entry.Added = added;
            entry.State = state;
        }

        internal void RollbackTo(KeyTable<T> table, int mark)
        {
            for (int i = Count - 1; i >= mark; i--)
            {
                ref Entry entry = ref Entries[i];
                if (entry.Added)
                {
                    table.RemoveAt(entry.Slot);
                }
                else
                {
                    table[entry.Slot].State = entry.State;
                    table[entry.Slot].Stamp = 0;
                }
            }

            Shrink(mark);
        }

        internal void Translate(int[] places)
        {
            for (int i = 0; i < Count; i++) Entries[i].Slot = places[Entries[i].Slot];
        }

        internal void Clear() => Shrink(0);

        private void Shrink(int count)
        {
            if (RuntimeHelpers.IsReferenceOrContainsReferences<T>()) Array.Clear(Entries, count, Count - count);
            Count = count;
        }
    }
}

/// <summary>Takes the keys that an epoch changed. A struct, so that the loop is compiled for it.</summary>
internal interface IChangeSink<T>
{
    void Changed(ReadOnlySpan<byte> key, in T state);
}
