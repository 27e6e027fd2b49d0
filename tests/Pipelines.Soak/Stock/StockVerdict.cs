using System.Globalization;
using System.Text;
using Pipelines.Kafka;
using Pipelines.Runtime.Clients;

namespace Pipelines.Soak.Stock;

/// <summary>What is wrong with what the producer wrote, or with its copy.</summary>
internal sealed class StockVerdict
{
    private const int Shown = 3;

    /// <summary>Records that were found.</summary>
    internal long Records { get; private set; }

    /// <summary>Acknowledged, or to be copied, and not there.</summary>
    internal long Lost { get; private set; }

    /// <summary>There more than once.</summary>
    internal long Repeated { get; private set; }

    /// <summary>Behind a later one of its partition.</summary>
    internal long Reordered { get; private set; }

    /// <summary>Not where its acknowledgement said, or a copy of nothing.</summary>
    internal long Misplaced { get; private set; }

    /// <summary>There, though it was never acknowledged.</summary>
    internal long Unacknowledged { get; private set; }

    internal long Violations => Lost + Repeated + Reordered + Misplaced;

    /// <summary>Every acknowledged value is there once, at its place and in order; what was not acknowledged is there once at most.</summary>
    internal static StockVerdict OfWritten(IReadOnlyList<Found> found, IReadOnlyDictionary<long, Acknowledged> acknowledged)
    {
        var verdict = new StockVerdict { Records = found.Count };
        HashSet<long> seen = verdict.Look(found, static _ => 0, static _ => 1);
        foreach (Found one in found)
        {
            if (!acknowledged.TryGetValue(one.Value, out Acknowledged told)) verdict.Unacknowledged++;
            else if ((told.Partition, told.Offset) != (one.Partition, one.Offset)) verdict.Misplaced += Tell("not where it was said to be", verdict.Misplaced, one);
        }

        foreach ((long value, Acknowledged told) in acknowledged)
        {
            if (!seen.Contains(value)) verdict.Lost += Tell("lost", verdict.Lost, new Found(told.Partition, told.Offset, value));
        }

        return verdict;
    }

    /// <summary>Every committed record is copied once, in the order of its partition. What the source has twice is the producer's affair, and is there twice.</summary>
    internal static StockVerdict OfCopied(IReadOnlyList<Found> source, IReadOnlyList<Found> copies)
    {
        var verdict = new StockVerdict { Records = copies.Count };
        ILookup<long, Found> places = source.ToLookup(static one => one.Value);
        verdict.Look(copies, one => places[one.Value].Select(static place => place.Partition).FirstOrDefault(-1), value => places[value].Count());
        ILookup<long, Found> there = copies.ToLookup(static one => one.Value);
        foreach (Found one in copies)
        {
            if (!places.Contains(one.Value)) verdict.Misplaced += Tell("a copy of nothing", verdict.Misplaced, one);
        }

        foreach (IGrouping<long, Found> one in places)
        {
            for (int missing = one.Count() - there[one.Key].Count(); missing > 0; missing--) verdict.Lost += Tell("not copied", verdict.Lost, one.First());
        }

        return verdict;
    }

    /// <summary>All committed records of a topic, in the order of each partition.</summary>
    internal static async Task<IReadOnlyList<Found>> ReadAsync(KafkaBroker broker, string topic, int partitions)
    {
        var found = new List<Found>();
        for (int partition = 0; partition < partitions; partition++)
        {
            int here = partition;
            await new RecordReader(broker, topic, partition).ReadToEndAsync((batch, entry) => found.Add(new Found(
                here, entry.Offset, long.Parse(Encoding.UTF8.GetString(batch.Bytes.AsSpan(entry.ValueStart, entry.ValueLength)), CultureInfo.InvariantCulture))));
        }

        return found;
    }

    private HashSet<long> Look(IReadOnlyList<Found> found, Func<Found, int> origin, Func<long, int> allowed)
    {
        var seen = new HashSet<long>();
        var counts = new Dictionary<long, int>();
        var last = new Dictionary<(int Partition, int Origin), long>();
        foreach (Found one in found)
        {
            int count = counts[one.Value] = counts.GetValueOrDefault(one.Value) + 1;
            if (!seen.Add(one.Value))
            {
                if (count > allowed(one.Value)) Repeated += Tell("repeated", Repeated, one);
                continue;
            }

            (int, int) way = (one.Partition, origin(one));
            if (last.GetValueOrDefault(way, -1) > one.Value) Reordered += Tell("out of order", Reordered, one);
            last[way] = one.Value;
        }

        return seen;
    }

    private static int Tell(string what, long before, Found one)
    {
        if (before < Shown) Console.Error.WriteLine($"{what}: {one.Value} at {one.Partition}@{one.Offset}");
        return 1;
    }
}

/// <summary>A record that was read.</summary>
internal readonly record struct Found(int Partition, long Offset, long Value);
