using Pipelines.Broker;
using Pipelines.Broker.Disk;
using Pipelines.Hosting.Embedded;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Clients;

namespace Pipelines.Soak;

/// <summary>What was found wrong.</summary>
/// <param name="Lost">Records, or outputs of records, that are not there.</param>
/// <param name="Repeated">Records, or outputs, that are there more than once, or should not be there.</param>
/// <param name="StateMismatches">Outputs whose count or sum is not the fold of the records before them.</param>
internal readonly record struct Verdict(long Lost, long Repeated, long StateMismatches);

/// <summary>Recomputes every state and output from the input as the log has it.</summary>
internal static class Oracle
{
    internal static async Task<Verdict> CheckAsync(string folder, long records)
    {
        LogEngine engine = await LogEngine.OpenAsync(new EngineOptions { Disk = new PhysicalDisk(folder) });
        await using var broker = new EngineBroker(engine);
        return (await CheckAsync(broker, records)).Verdict;
    }

    /// <summary>Checks what a broker holds.</summary>
    /// <returns>What is wrong, and how many outputs there are more than records that should have one.</returns>
    internal static async Task<(Verdict Verdict, long Delta)> CheckAsync(IBroker broker, long records)
    {
        var inputs = new HashSet<long>();
        long lost = 0;
        long repeated = 0;
        long mismatches = 0;
        long delta = 0;
        for (int partition = 0; partition < Child.Partitions; partition++)
        {
            var expected = new Dictionary<long, Seen>();
            var tallies = new Dictionary<long, (long Count, long Sum)>();
            await new RecordReader(broker, "soak-in", partition).ReadToEndAsync((batch, entry) =>
            {
                Numbered.Read(batch.Bytes, in entry, out Numbered record);
                if (!inputs.Add(record.Number)) repeated++;
                if (record.IsPoison) return;
                (long count, long sum) = tallies.GetValueOrDefault(record.Key);
                tallies[record.Key] = (count + 1, sum + record.Number);
                expected[record.Number] = new Seen(record.Key, record.Number, count + 1, sum + record.Number);
            });
            delta -= expected.Count;
            await new RecordReader(broker, "soak-out", partition).ReadToEndAsync((batch, entry) =>
            {
                Seen.Read(batch.Bytes, in entry, out Seen seen);
                delta++;
                if (!expected.Remove(seen.Number, out Seen wanted)) repeated++;
                else if (wanted != seen) mismatches++;
            });
            lost += expected.Count;
        }

        for (long number = 1; number <= records; number++)
        {
            if (!inputs.Contains(number)) lost++;
        }

        return (new Verdict(lost, repeated, mismatches), delta);
    }
}
