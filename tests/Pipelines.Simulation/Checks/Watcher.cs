using Pipelines.Execution;
using Pipelines.Hosting.Embedded;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Clients;

namespace Pipelines.Simulation.Checks;

/// <summary>A reader that looks on while things happen: what it was served once must be there for good, at the same offset.</summary>
internal sealed class Watcher
{
    private readonly Dictionary<(string Topic, int Partition), SortedDictionary<long, string>> served = [];

    /// <summary>Reads whatever is committed now, and goes on until its host dies.</summary>
    internal async Task WatchAsync(EngineBroker broker, TimeProvider clock)
    {
        while (true)
        {
            try
            {
                await ReadAllAsync(broker, violations: null);
                await Task.Delay(TimeSpan.FromMilliseconds(37), clock);
            }
            catch (BrokerException)
            {
                return;
            }
        }
    }

    /// <summary>After a restart everything that was served must still be served.</summary>
    internal async Task ResumeAsync(EngineBroker broker, List<string>? violations) => await ReadAllAsync(broker, violations);

    internal async Task ReadAllAsync(EngineBroker broker, List<string>? violations)
    {
        foreach (Broker.Topics.TopicDescription topic in broker.Engine.Topics)
        {
            for (int partition = 0; partition < topic.Partitions; partition++) await ReadAsync(broker, topic.Name, partition, violations);
        }
    }

    private async Task ReadAsync(EngineBroker broker, string topic, int partition, List<string>? violations)
    {
        if (!served.TryGetValue((topic, partition), out SortedDictionary<long, string>? known)) served.Add((topic, partition), known = []);
        bool wantsAll = violations is not null;
        long from = wantsAll || known.Count == 0 ? 0 : known.Keys.Last() + 1;
        var now = new Dictionary<long, string>();
        await new RecordReader(broker, topic, partition, from).ReadToEndAsync((batch, entry) => now[entry.Offset] = Describe(batch, in entry));
        if (wantsAll)
        {
            foreach ((long offset, string record) in known)
            {
                if (!now.TryGetValue(offset, out string? there)) violations!.Add($"{topic}/{partition} offset {offset} was served and is gone: {record}");
                else if (there != record) violations!.Add($"{topic}/{partition} offset {offset} was served as {record} and is now {there}");
            }
        }

        foreach ((long offset, string record) in now) known[offset] = record;
    }

    private static string Describe(RecordBatch batch, in RecordEntry entry) =>
        $"{Convert.ToHexString(batch.Key(in entry))}={Convert.ToHexString(batch.Value(in entry))}";
}
