using System.Globalization;
using System.Text;
using Pipelines.Execution;
using Pipelines.Hosting.Embedded;
using Pipelines.Runtime.Clients;
using Pipelines.Simulation.Workload;

namespace Pipelines.Simulation.Checks;

/// <summary>Knows what must have come of what was acknowledged: the fold of the items as the log has them.</summary>
internal sealed class Oracle(Plan plan, Feeder feeder, EngineBroker broker)
{
    internal async Task CheckAsync(List<string> violations, Watcher watcher)
    {
        await watcher.ReadAllAsync(broker, violations);
        List<Item>[] items = new List<Item>[plan.Partitions];
        for (int partition = 0; partition < plan.Partitions; partition++) items[partition] = await ReadAsync<Item>("items", partition);
        CheckInput(items, violations);
        var poison = items.SelectMany(static part => part).Count(static item => item.IsPoison);
        int deadLetters = 0;
        foreach ((string name, IReadOnlySet<string> detectors) in plan.Deployments)
        {
            deadLetters += poison * detectors.Count;
            if (detectors.Contains("counter")) await CheckCounterAsync(name, items, violations);
            if (detectors.Contains("windows")) deadLetters -= await CheckWindowsAsync(name, items, violations);
            if (detectors.Contains("grouping")) await CheckGroupsAsync(name, items, violations);
        }

        int found = 0;
        await new RecordReader(broker, "sim.dead-letters", 0).ReadToEndAsync((_, _) => found++);
        if (found != deadLetters) violations.Add($"There are {found} dead letters, not {deadLetters}.");
    }

    private void CheckInput(List<Item>[] items, List<string> violations)
    {
        var counts = items.SelectMany(static part => part).CountBy(static item => item.Number).ToDictionary();
        foreach (long number in feeder.Acknowledged.Where(number => !counts.ContainsKey(number))) violations.Add($"Item {number} was acknowledged and is lost.");
        foreach ((long number, int count) in counts.Where(static pair => pair.Value > 1)) violations.Add($"Item {number} is there {count} times.");
        foreach (List<long> transaction in feeder.Sent)
        {
            int there = transaction.Count(counts.ContainsKey);
            if (there != 0 && there != transaction.Count) violations.Add($"Of the transaction with items {transaction[0]} to {transaction[^1]} only {there} are there.");
        }
    }

    private async Task CheckCounterAsync(string deployment, List<Item>[] items, List<string> violations)
    {
        for (int partition = 0; partition < plan.Partitions; partition++)
        {
            var tallies = new Dictionary<string, (long Count, long Sum)>();
            var expected = new List<Total>();
            foreach (Item item in items[partition].Where(static item => !item.IsPoison))
            {
                (long count, long sum) = tallies.GetValueOrDefault(item.Key);
                tallies[item.Key] = (count + 1, sum + item.Amount);
                expected.Add(new Total(item.Key, item.Number, count + 1, sum + item.Amount));
            }

            Compare($"{deployment}-totals/{partition}", expected, await ReadAsync<Total>($"{deployment}-totals", partition), violations);
        }
    }

    /// <returns>The poison records that came too late to reach the handler that would have failed.</returns>
    private async Task<int> CheckWindowsAsync(string deployment, List<Item>[] items, List<string> violations)
    {
        int latePoison = 0;
        for (int partition = 0; partition < plan.Partitions; partition++)
        {
            var expected = new WindowFold(10_000, 2_000);
            foreach (Item item in items[partition]) expected.Add(item);
            latePoison += expected.LatePoison;
            Compare($"{deployment}-late/{partition}", expected.Late, await ReadAsync<Late>($"{deployment}-late", partition), violations);
            // Windows of one instant close in the order of their keys' bytes.
            Compare($"{deployment}-closed/{partition}", expected.Closed, await ReadAsync<Closed>($"{deployment}-closed", partition), violations);
        }

        return latePoison;
    }

    private async Task CheckGroupsAsync(string deployment, List<Item>[] items, List<string> violations)
    {
        // The order between partitions is free, so what can be said is per group: each number once, and a running fold in the order found.
        var expected = items.SelectMany(static part => part).Where(static item => !item.IsPoison).ToDictionary(static item => item.Number, static item => item.Amount);
        var found = new List<GroupTotal>();
        for (int partition = 0; partition < plan.Partitions; partition++) found.AddRange(await ReadAsync<GroupTotal>($"{deployment}-groups", partition));
        if (found.Count != expected.Count) violations.Add($"{deployment}-groups holds {found.Count} records, not {expected.Count}.");
        foreach (IGrouping<int, GroupTotal> group in found.GroupBy(static total => total.Group))
        {
            (long count, long sum) = (0, 0);
            foreach (GroupTotal total in group)
            {
                if (!expected.Remove(total.Number, out int amount)) violations.Add($"{deployment}-groups counts item {total.Number} twice, or it never was.");
                count++;
                sum += amount;
                if (total.Count != count || total.Sum != sum) violations.Add($"{deployment}-groups: after item {total.Number} group {group.Key} stands at {total.Count} and {total.Sum}, not at {count} and {sum}.");
            }
        }
    }

    private static void Compare<T>(string what, List<T> expected, List<T> found, List<string> violations)
        where T : struct
    {
        for (int i = 0; i < Math.Max(expected.Count, found.Count); i++)
        {
            if (i < expected.Count && i < found.Count && expected[i].Equals(found[i])) continue;
            violations.Add(string.Create(CultureInfo.InvariantCulture, $"{what} holds {found.Count} records, not {expected.Count}; record {i} is {(i < found.Count ? found[i] : "missing")}, not {(i < expected.Count ? expected[i] : "there")}."));
            return;
        }
    }

    private async Task<List<T>> ReadAsync<T>(string topic, int partition)
        where T : struct, IRecord<T>
    {
        var records = new List<T>();
        if (broker.Engine.FindTopic(topic) is null) return records;
        await new RecordReader(broker, topic, partition).ReadToEndAsync((batch, entry) =>
        {
            T.Read(batch.Bytes, in entry, out T record);
            records.Add(record);
        });
        return records;
    }

    /// <summary>Tumbling windows with grace, as the rules have them, written out plainly.</summary>
    private sealed class WindowFold(long sizeMs, long graceMs)
    {
        private readonly SortedDictionary<long, Dictionary<string, (long Count, long Sum)>> open = [];
        private long time = long.MinValue;

        internal List<Closed> Closed { get; } = [];

        internal List<Late> Late { get; } = [];

        internal int LatePoison { get; private set; }

        internal void Add(Item item)
        {
            time = Math.Max(time, item.AtMs);
            foreach (long start in open.Keys.Where(start => start + sizeMs + graceMs <= time).ToArray())
            {
                foreach ((string key, (long count, long sum)) in open[start].OrderBy(static pair => Encoding.UTF8.GetBytes(pair.Key), Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b))))
                    Closed.Add(new Closed(key, start, count, sum));
                open.Remove(start);
            }

            long window = item.AtMs - (item.AtMs % sizeMs);
            if (window + sizeMs + graceMs <= time)
            {
                Late.Add(new Late(item.Key, item.Number));
                if (item.IsPoison) LatePoison++;
                return;
            }

            if (item.IsPoison) return;
            if (!open.TryGetValue(window, out Dictionary<string, (long, long)>? keys)) open.Add(window, keys = []);
            (long had, long summed) = keys.GetValueOrDefault(item.Key);
            keys[item.Key] = (had + 1, summed + item.Amount);
        }
    }
}
