namespace Pipelines.Execution;

/// <summary>One window's states.</summary>
internal sealed class WindowTable<T>(UndoScope undo)
{
    internal long StartMs { get; set; }

    internal StateTable<T> States { get; } = new(undo);
}

/// <summary>The windows of one store: those open, in order of their start, and those dropped whose drop may still be undone.</summary>
internal sealed class WindowTables<T>(UndoScope undo, TimeGroup group, long lifeMs)
{
    private readonly List<WindowTable<T>> open = [];
    private readonly Stack<WindowTable<T>> free = new();
    private List<WindowTable<T>> dropped = [];
    private List<WindowTable<T>> droppedSealed = [];
    private WindowTable<T>? last;

    internal List<WindowTable<T>> Open => open;

    /// <summary>The window used last, if it is still there.</summary>
    internal WindowTable<T>? Last => last;

    /// <summary>Windows dropped in the open epoch.</summary>
    internal List<WindowTable<T>> Dropped => dropped;

    internal int KeyCount
    {
        get
        {
            int sum = 0;
            foreach (WindowTable<T> window in open) sum += window.States.Table.Count;
            return sum;
        }
    }

    internal long Bytes
    {
        get
        {
            long sum = 0;
            foreach (WindowTable<T> window in open) sum += window.States.Table.Bytes;
            foreach (WindowTable<T> window in dropped) sum += window.States.Table.Bytes;
            foreach (WindowTable<T> window in droppedSealed) sum += window.States.Table.Bytes;
            foreach (WindowTable<T> window in free) sum += window.States.Table.Bytes;
            return sum;
        }
    }

    internal WindowTable<T>? Find(long startMs)
    {
        if (last?.StartMs == startMs) return last;
        int index = IndexOf(startMs);
        return index < 0 ? null : open[index];
    }

    internal WindowTable<T> GetOrAdd(long startMs)
    {
        if (last is { } recent && recent.StartMs == startMs) return recent;
        int index = IndexOf(startMs);
        if (index >= 0) return last = open[index];
        if (!free.TryPop(out WindowTable<T>? window)) window = new WindowTable<T>(undo);
        window.StartMs = startMs;
        open.Insert(~index, window);
        if (~index == 0) Reschedule();
        return last = window;
    }

    internal void Remove(long startMs, ReadOnlySpan<byte> key)
    {
        int index = IndexOf(startMs);
        if (index < 0) return;
        open[index].States.Remove(key);
        if (open[index].States.Table.Count == 0) Recycle(index);
    }

    /// <summary>The oldest window whose end and grace have been reached.</summary>
    internal WindowTable<T>? Due(long timeMs) => open.Count > 0 && open[0].StartMs + lifeMs <= timeMs ? open[0] : null;

    internal void Drop(WindowTable<T> window)
    {
        open.Remove(window);
        dropped.Add(window);
        last = null;
        Reschedule();
    }

    internal void RollbackRecord()
    {
        foreach (WindowTable<T> window in open) window.States.RollbackRecord();
        RecycleEmpty();
    }

    internal void RollbackOpen()
    {
        BringBack(dropped);
        foreach (WindowTable<T> window in open) window.States.RollbackOpen();
        RecycleEmpty();
    }

    internal void RollbackSealed()
    {
        BringBack(droppedSealed);
        foreach (WindowTable<T> window in open) window.States.RollbackSealed();
        RecycleEmpty();
    }

    internal void Seal() => (dropped, droppedSealed) = (droppedSealed, dropped);

    internal void Acknowledge()
    {
        foreach (WindowTable<T> window in open) window.States.Acknowledge();
        foreach (WindowTable<T> window in dropped) window.States.Acknowledge();
        foreach (WindowTable<T> window in droppedSealed)
        {
            window.States.Clear();
            free.Push(window);
        }

        droppedSealed.Clear();
    }

    internal void ResetStamps()
    {
        foreach (WindowTable<T> window in open) window.States.ResetStamps();
        // A window whose drop is undone must not come back with stamps of sequences that are yet to come.
        foreach (WindowTable<T> window in dropped) window.States.ResetStamps();
        foreach (WindowTable<T> window in droppedSealed) window.States.ResetStamps();
    }

    private void BringBack(List<WindowTable<T>> windows)
    {
        // The newest first: a window made anew under the same start holds only what is being undone, so the older one replaces it.
        for (int i = windows.Count - 1; i >= 0; i--)
        {
            int index = IndexOf(windows[i].StartMs);
            if (index >= 0) Recycle(index);
            open.Insert(~IndexOf(windows[i].StartMs), windows[i]);
        }

        windows.Clear();
        last = null;
        Reschedule();
    }

    /// <summary>A window without keys is as if it had never been made: no log refers to it, since logs refer to keys that are there.</summary>
    private void RecycleEmpty()
    {
        for (int i = open.Count - 1; i >= 0; i--)
        {
            if (open[i].States.Table.Count == 0) Recycle(i);
        }

        Reschedule();
    }

    private void Recycle(int index)
    {
        WindowTable<T> window = open[index];
        open.RemoveAt(index);
        window.States.Clear();
        free.Push(window);
        last = null;
        Reschedule();
    }

    private void Reschedule() => group.NextClose = open.Count == 0 ? long.MaxValue : open[0].StartMs + lifeMs;

    private int IndexOf(long startMs)
    {
        int low = 0;
        int high = open.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            long at = open[middle].StartMs;
            if (at == startMs) return middle;
            if (at < startMs) low = middle + 1;
            else high = middle - 1;
        }

        return ~low;
    }
}
