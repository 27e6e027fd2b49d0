namespace Pipelines.Runtime.Groups;

/// <summary>Topics that are read together.</summary>
public static class TopicSets
{
    /// <summary>Puts sets that share a topic together.</summary>
    /// <returns>Sets without common topics, each in ordinal order, in the order of their first topics.</returns>
    public static IReadOnlyList<IReadOnlyList<string>> Merge(IEnumerable<IReadOnlyList<string>> sets)
    {
        ArgumentNullException.ThrowIfNull(sets);
        var merged = new List<SortedSet<string>>();
        foreach (IReadOnlyList<string> set in sets)
        {
            if (set.Count == 0) continue;
            var together = new SortedSet<string>(set, StringComparer.Ordinal);
            foreach (SortedSet<string> other in merged.FindAll(together.Overlaps))
            {
                together.UnionWith(other);
                merged.Remove(other);
            }

            merged.Add(together);
        }

        return [.. merged.OrderBy(static set => set.Min, StringComparer.Ordinal).Select(static set => (IReadOnlyList<string>)[.. set])];
    }
}
