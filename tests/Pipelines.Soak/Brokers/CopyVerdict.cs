using Pipelines.Broker.Log;

namespace Pipelines.Soak.Brokers;

/// <summary>Compares a copy with its sources: each committed value is there once, in its source's order, nothing else is, and the group's offsets are where the copy ends.</summary>
internal static class CopyVerdict
{
    /// <param name="ledger">Is told what is wrong.</param>
    /// <param name="final">Everything that is there at the end.</param>
    /// <param name="committed">The group's offsets.</param>
    /// <returns>How many records were copied.</returns>
    internal static long Judge(
        Ledger ledger, IReadOnlyDictionary<TopicPartition, IReadOnlyList<(long Offset, string Value)>> final, IReadOnlyDictionary<TopicPartition, long> committed)
    {
        var copies = Topics.Sources.ToDictionary(static source => source, static _ => new List<Copied>());
        foreach ((TopicPartition partition, IReadOnlyList<(long Offset, string Value)> records) in final.Where(static one => one.Key.Topic == Topics.Copy))
        {
            foreach ((long offset, string value) in records)
            {
                if (Copied.TryRead(value, out Copied copied) && copies.TryGetValue(copied.Source, out List<Copied>? known)) known.Add(copied);
                else ledger.Violate("a copy of nothing", $"{partition}@{offset} {value}");
            }
        }

        foreach ((TopicPartition source, List<Copied> copied) in copies)
        {
            JudgeSource(ledger, source, final[source], copied);
            long end = copied.Select(static one => one.Offset + 1).DefaultIfEmpty(0).Max();
            if (committed[source] != end) ledger.Violate("committed offsets are not where the copy ends", $"{source}: {committed[source]}, and the copy ends at {end}");
        }

        return copies.Values.Sum(static one => one.Count);
    }

    private static void JudgeSource(Ledger ledger, TopicPartition source, IReadOnlyList<(long Offset, string Value)> records, List<Copied> copies)
    {
        Dictionary<long, string> left = records.ToDictionary(static one => one.Offset, static one => one.Value);
        var seen = new HashSet<long>();
        long last = -1;
        foreach (Copied copy in copies)
        {
            if (!seen.Add(copy.Offset))
            {
                ledger.Violate("a value was copied twice", copy.ToString());
                continue;
            }

            if (!left.Remove(copy.Offset, out string? value) || value != copy.Value) ledger.Violate("a copy is not what its source has", $"{copy}: {value}");
            if (copy.Offset < last) ledger.Violate("a copy is out of order", $"{copy} after {last}");
            last = Math.Max(last, copy.Offset);
        }

        foreach ((long offset, string value) in left) ledger.Violate("a committed value was not copied", $"{source}@{offset} {value}");
    }
}
