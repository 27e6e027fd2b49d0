using System.Buffers.Text;
using Pipelines.Broker;
using Pipelines.Broker.Disk;
using Pipelines.Execution;
using Pipelines.Hosting.Embedded;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Clients;

namespace Pipelines.Soak;

/// <summary>What was found wrong.</summary>
/// <param name="Lost">Records, outputs of records, or dead letters, that are not there.</param>
/// <param name="Repeated">Records, outputs, or dead letters, that are there more than once, or should not be there.</param>
/// <param name="StateMismatches">Outputs that do not say what the fold of the records before them says.</param>
internal readonly record struct Verdict(long Lost, long Repeated, long StateMismatches);

/// <summary>Recomputes every state and output from the input as the log has it.</summary>
internal sealed class Oracle(IBroker broker, string application)
{
    private readonly HashSet<long> inputs = [];
    private readonly HashSet<(int Partition, long Offset)> poisoned = [];
    private long lost;
    private long repeated;
    private long mismatches;
    private long outputs;
    private long expectedOutputs;

    /// <summary>Records whose handler threw.</summary>
    internal long PoisonCount { get; private set; }

    /// <summary>How many outputs there are more than there should be.</summary>
    internal long Delta => outputs - expectedOutputs;

    internal static async Task<Verdict> CheckAsync(string folder, long records)
    {
        LogEngine engine = await LogEngine.OpenAsync(new EngineOptions { Disk = new PhysicalDisk(folder) });
        await using var broker = new EngineBroker(engine);
        return await new Oracle(broker, "soak").CheckAsync(records);
    }

    /// <summary>Checks what a broker holds.</summary>
    internal async Task<Verdict> CheckAsync(long records)
    {
        for (int partition = 0; partition < Child.Partitions; partition++) await CheckAsync(partition);
        await CheckDeadLettersAsync();
        for (long number = 1; number <= records; number++)
        {
            if (!inputs.Contains(number)) lost++;
        }

        return new Verdict(lost, repeated, mismatches);
    }

    private async Task CheckAsync(int partition)
    {
        var seen = new Dictionary<long, Seen>();
        var copied = new Dictionary<long, Copied>();
        var priced = new Dictionary<long, Priced>();
        var windows = new Dictionary<(long Key, long Start), Closed>();
        var tallies = new Dictionary<long, (long Count, long Sum)>();
        long time = 0;
        await new RecordReader(broker, "soak-in", partition).ReadToEndAsync((batch, entry) =>
        {
            Numbered.Read(batch.Bytes, in entry, out Numbered record);
            if (!inputs.Add(record.Number)) repeated++;
            long at = Numbered.ReadEventTime(in record, 0);
            time = Math.Max(time, at);
            copied[record.Number] = new Copied(record.Key, record.Number);
            if (Price.Of(record.Key) is { } amount) priced[record.Number] = new Priced(record.Key, record.Number, amount);
            long start = at - (at % SoakWindows.SizeMs);
            windows[(record.Key, start)] = new Closed(record.Key, start, windows.GetValueOrDefault((record.Key, start)).Count + 1);
            if (record.IsPoison)
            {
                poisoned.Add((partition, entry.Offset));
                PoisonCount++;
                return;
            }

            (long count, long sum) = tallies.GetValueOrDefault(record.Key);
            tallies[record.Key] = (count + 1, sum + record.Number);
            seen[record.Number] = new Seen(record.Key, record.Number, count + 1, sum + record.Number);
        });
        // Those that stream time has not passed are still open.
        foreach ((long Key, long Start) open in windows.Keys.Where(window => window.Start + SoakWindows.SizeMs > time).ToList()) windows.Remove(open);
        await CompareAsync("soak-out", partition, seen, static (in Seen output) => output.Number);
        await CompareAsync("soak-copied", partition, copied, static (in Copied output) => output.Number);
        await CompareAsync("soak-priced", partition, priced, static (in Priced output) => output.Number);
        await CompareAsync("soak-windows", partition, windows, static (in Closed output) => (output.Key, output.WindowStartMs));
    }

    private delegate TKey KeyOf<T, TKey>(in T output);

    private async Task CompareAsync<T, TKey>(string topic, int partition, Dictionary<TKey, T> expected, KeyOf<T, TKey> keyOf)
        where T : struct, IRecord<T>, IEquatable<T>
        where TKey : notnull
    {
        expectedOutputs += expected.Count;
        if (await broker.FindTopicAsync(topic) is null)
        {
            lost += expected.Count;
            return;
        }

        await new RecordReader(broker, topic, partition).ReadToEndAsync((batch, entry) =>
        {
            T.Read(batch.Bytes, in entry, out T output);
            outputs++;
            if (!expected.Remove(keyOf(in output), out T wanted)) repeated++;
            else if (!wanted.Equals(output)) mismatches++;
        });
        lost += expected.Count;
    }

    private async Task CheckDeadLettersAsync()
    {
        string topic = $"{application}.dead-letters";
        int partitions = await broker.FindTopicAsync(topic) ?? 0;
        for (int partition = 0; partition < partitions; partition++)
        {
            await new RecordReader(broker, topic, partition).ReadToEndAsync((batch, entry) =>
            {
                var headers = new RecordHeaders(batch.Bytes, in entry);
                if (!poisoned.Remove(((int)Number(headers, "pipelines.partition"u8), Number(headers, "pipelines.offset"u8)))) repeated++;
            });
        }

        lost += poisoned.Count;
    }

    private static long Number(RecordHeaders headers, ReadOnlySpan<byte> name) =>
        headers.TryGet(name, out ReadOnlySpan<byte> text) && Utf8Parser.TryParse(text, out long number, out _) ? number : -1;
}
