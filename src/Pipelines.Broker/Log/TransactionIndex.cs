namespace Pipelines.Broker.Log;

/// <summary>The transactions of a partition: which are open, which have ended but not durably, and which were aborted.</summary>
/// <remarks>
/// A transaction is Open => Ended: its marker is written; Ended => gone: the marker is durable. It holds the last stable offset back until it is gone,
/// since a marker that a crash takes away would reopen what a reader has already passed. A commit that was decided durably elsewhere is gone at once.
/// </remarks>
internal sealed class TransactionIndex
{
    private readonly Dictionary<long, long> open = [];
    private readonly List<Ended> ended = [];
    private readonly List<Entry> aborted = [];

    private readonly record struct Ended(long FirstOffset, long MarkerOffset);

    /// <summary>An aborted transaction, and the offset up to which none was open after it: where a search may end.</summary>
    internal readonly record struct Entry(AbortedRange Range, long StableAfter);

    /// <summary>The producers of the open transactions, and their first offsets.</summary>
    internal IReadOnlyDictionary<long, long> Open => open;

    /// <summary>The aborted transactions, by their markers' offsets.</summary>
    internal IReadOnlyList<Entry> Aborted => aborted;

    /// <summary>The first offset of a producer's open transaction, or -1.</summary>
    internal long FirstOffsetOf(long producerId) => open.TryGetValue(producerId, out long first) ? first : -1;

    internal void Begin(long producerId, long offset) => open.TryAdd(producerId, offset);

    /// <summary>A marker was written.</summary>
    /// <param name="producerId">Whose.</param>
    /// <param name="markerOffset">Where.</param>
    /// <param name="isCommit">What it says.</param>
    /// <param name="isDecided">True when the end would survive the loss of the marker.</param>
    internal void End(long producerId, long markerOffset, bool isCommit, bool isDecided)
    {
        if (!open.Remove(producerId, out long first)) return;
        if (!isDecided) ended.Add(new Ended(first, markerOffset));
        if (!isCommit) aborted.Add(new Entry(new AbortedRange(producerId, first, markerOffset), Math.Min(markerOffset + 1, FirstOpen())));
    }

    /// <summary>Everything below the offset is durable.</summary>
    /// <returns>The last stable offset.</returns>
    internal long Settle(long durableOffset)
    {
        ended.RemoveAll(end => end.MarkerOffset < durableOffset);
        long stable = Math.Min(durableOffset, FirstOpen());
        foreach (Ended end in ended) stable = Math.Min(stable, end.FirstOffset);
        return stable;
    }

    /// <summary>Aborted transactions that overlap an offset range, by first offset.</summary>
    internal AbortedRange[] AbortedIn(long from, long to)
    {
        int at = FirstEndingAt(from);
        if (at == aborted.Count) return [];
        List<AbortedRange>? found = null;
        for (; at < aborted.Count; at++)
        {
            if (aborted[at].Range.FirstOffset < to) (found ??= []).Add(aborted[at].Range);
            if (aborted[at].StableAfter >= to) break;
        }

        if (found is null) return [];
        found.Sort(static (left, right) => left.FirstOffset.CompareTo(right.FirstOffset));
        return [.. found];
    }

    /// <summary>Forgets aborted transactions that ended before an offset.</summary>
    internal void Forget(long offset) => aborted.RemoveRange(0, FirstEndingAt(offset));

    /// <summary>Forgets aborted transactions whose markers are gone, and their records with them.</summary>
    internal void Forget(IReadOnlySet<long> markers) => aborted.RemoveAll(entry => markers.Contains(entry.Range.LastOffset));

    /// <summary>Takes aborted transactions over from a checkpoint; they follow those that are there.</summary>
    internal void Restore(IReadOnlyList<Entry> entries) => aborted.AddRange(entries);

    /// <summary>Makes these the open transactions.</summary>
    internal void Restore(IEnumerable<KeyValuePair<long, long>> transactions)
    {
        open.Clear();
        foreach ((long producerId, long first) in transactions) open.Add(producerId, first);
    }

    private long FirstOpen()
    {
        long first = long.MaxValue;
        foreach (long offset in open.Values) first = Math.Min(first, offset);
        return first;
    }

    private int FirstEndingAt(long offset)
    {
        int low = 0;
        int high = aborted.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (aborted[middle].Range.LastOffset < offset) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
