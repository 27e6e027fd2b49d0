using Pipelines.Broker.Log;

namespace Pipelines.Soak.Brokers;

/// <summary>What was found wrong, added up over rounds.</summary>
internal sealed class BrokerVerdict
{
    internal long Records { get; private set; }

    internal long Lost { get; private set; }

    internal long Repeated { get; private set; }

    internal long Reordered { get; private set; }

    internal long AbortedVisible { get; private set; }

    internal long Torn { get; private set; }

    internal long Hanging { get; set; }

    /// <summary>Records that members of a group have copied.</summary>
    internal long Copied { get; set; }

    /// <summary>What there was of the compacted topic.</summary>
    internal KeyedFigures Keyed { get; set; }

    /// <summary>What members of groups were told.</summary>
    internal GroupFigures Groups { get; private set; }

    /// <summary>What else was wrong, by its name.</summary>
    internal Dictionary<string, (long Count, string Examples)> Others { get; } = new(StringComparer.Ordinal);

    internal long Violations => Lost + Repeated + Reordered + AbortedVisible + Torn + Hanging + Others.Values.Sum(static one => one.Count);

    /// <summary>Judges a round, from what clients recorded and what is there at its end.</summary>
    /// <param name="ledger">What they recorded.</param>
    /// <param name="final">Everything that a reader of committed records finds at the end, by partition, in its order.</param>
    internal void Judge(Ledger ledger, IReadOnlyDictionary<TopicPartition, IReadOnlyList<(long Offset, string Value)>> final)
    {
        var origin = new Dictionary<string, Attempt>(StringComparer.Ordinal);
        var found = new Dictionary<Attempt, int>();
        foreach (Attempt attempt in ledger.Attempts)
        {
            foreach (string value in attempt.Values.Values.SelectMany(static values => values)) origin.Add(value, attempt);
        }

        foreach ((TopicPartition partition, IReadOnlyList<(long Offset, string Value)> records) in final) JudgePartition(ledger, partition, records, origin, found);
        foreach (Attempt attempt in ledger.Attempts) JudgeAttempt(ledger, attempt, found.GetValueOrDefault(attempt));
        Groups += ledger.Groups.Figures;
        foreach ((string what, (long count, string examples)) in ledger.Violations)
        {
            (long Count, string Examples) before = Others.GetValueOrDefault(what);
            Others[what] = (before.Count + count, before.Examples ?? examples);
        }
    }

    private void JudgePartition(Ledger ledger, TopicPartition partition, IReadOnlyList<(long Offset, string Value)> records, Dictionary<string, Attempt> origin, Dictionary<Attempt, int> found)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var last = new Dictionary<string, (long Number, int Index)>(StringComparer.Ordinal);
        foreach ((long offset, string value) in records)
        {
            Records++;
            if (!origin.TryGetValue(value, out Attempt? attempt) || !attempt.Values.TryGetValue(partition, out string[]? values))
            {
                ledger.Violate("a record that nobody sent", $"{partition}@{offset} {value}");
                continue;
            }

            if (!seen.Add(value))
            {
                Repeated++;
                Console.Error.WriteLine($"repeated: {value} at {partition}@{offset}, {attempt}");
                continue;
            }

            found[attempt] = found.GetValueOrDefault(attempt) + 1;
            (long, int) place = (attempt.Number, Array.IndexOf(values, value));
            if (last.TryGetValue(attempt.Writer, out (long, int) before) && before.CompareTo(place) > 0)
            {
                Reordered++;
                Console.Error.WriteLine($"out of order: {value} at {partition}@{offset}");
            }

            last[attempt.Writer] = place;
            if (attempt.Offset >= 0 && attempt.Offset + place.Item2 != offset) ledger.Violate("a record is not where its answer said", $"{value} at {offset}, not {attempt.Offset}");
        }

        Dictionary<long, string> byOffset = records.ToDictionary(static one => one.Offset, static one => one.Value);
        foreach (((TopicPartition place, long offset), string value) in ledger.Served)
        {
            if (place == partition && byOffset.GetValueOrDefault(offset) != value)
                ledger.Violate("a record that was read is gone or another", $"{partition}@{offset} was {value} and is {byOffset.GetValueOrDefault(offset)}");
        }
    }

    private void JudgeAttempt(Ledger ledger, Attempt attempt, int there)
    {
        int all = attempt.Values.Values.Sum(static values => values.Length);
        if (attempt.Outcome == Outcome.Aborted)
        {
            AbortedVisible += there;
            if (there > 0) Console.Error.WriteLine($"aborted and visible: {attempt}, {there} of {all}");
            return;
        }

        if (there > 0 && there < all)
        {
            Torn++;
            Console.Error.WriteLine($"torn: {attempt}, {there} of {all}");
        }
        else if (attempt.Outcome == Outcome.Committed && there == 0)
        {
            Lost += all;
            Console.Error.WriteLine($"lost: {attempt}");
        }
    }
}
