namespace Pipelines.Execution;

/// <summary>The occupied slots of a table in the order of their keys' bytes, so that a walk does not depend on how the table was filled.</summary>
internal sealed class KeyOrder<T>
{
    // Made once: sorting by an IComparer would make a delegate at every call.
    private readonly Comparison<int> byKey;
    private int[] slots = [];
    private KeyTable<T>? table;

    internal KeyOrder() => byKey = Compare;

    /// <summary>The keys in order.</summary>
    internal int Count { get; private set; }

    /// <summary>The slot of the key at <paramref name="index"/>.</summary>
    internal int this[int index] => slots[index];

    /// <summary>Takes the keys that <paramref name="source"/> holds now; good until its slots move.</summary>
    internal void Sort(KeyTable<T> source)
    {
        Count = 0;
        if (slots.Length < source.Count) slots = new int[source.Count * 2];
        for (int index = 0; index < source.Capacity; index++)
        {
            if (source[index].IsOccupied) slots[Count++] = index;
        }

        table = source;
        slots.AsSpan(0, Count).Sort(byKey);
        table = null;
    }

    private int Compare(int left, int right) => table!.KeyAt(left).SequenceCompareTo(table.KeyAt(right));
}
