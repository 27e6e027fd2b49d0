namespace Pipelines.Execution;

/// <summary>The occupied slots of a table in the order of their keys' bytes, so that a walk does not depend on how the table was filled.</summary>
internal sealed class KeyOrder<T> : IComparer<int>
{
    private int[] slots = [];
    private KeyTable<T>? table;

    internal int Count { get; private set; }

    internal int this[int index] => slots[index];

    public int Compare(int left, int right) => table!.KeyAt(left).SequenceCompareTo(table.KeyAt(right));

    internal void Sort(KeyTable<T> source)
    {
        table = source;
        Count = 0;
        if (slots.Length < source.Count) slots = new int[source.Count * 2];
        for (int index = 0; index < source.Capacity; index++)
        {
            if (source[index].IsOccupied) slots[Count++] = index;
        }

        Array.Sort(slots, 0, Count, this);
        table = null;
    }
}
