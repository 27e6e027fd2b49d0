using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Pipelines.Soak.Brokers;

/// <summary>Puts the shipped broker under faults, round after round, and judges each from what clients recorded alone.</summary>
internal static class BrokerSoak
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static async Task<int> RunAsync(string faults, double minutes, int seed, Workload workload, BrokerProtection off)
    {
        IReadOnlyList<FaultKind> kinds;
        try
        {
            kinds = Plan.Choose(faults);
        }
        catch (ArgumentException mistake)
        {
            await Console.Error.WriteLineAsync(mistake.Message);
            return 2;
        }

        // What is switched off is switched off in this process; the program has no such switches.
        Places places = off is BrokerProtection.None or BrokerProtection.Offsets or BrokerProtection.Visibility ? Places.Both : Places.Simulated;
        var verdict = new BrokerVerdict();
        var tally = new Tally();
        long began = Stopwatch.GetTimestamp();
        foreach (Round round in Plan.Rounds(kinds, places, seed))
        {
            await Console.Error.WriteLineAsync($"round {tally.Rounds + 1}, {round.Place}{(round.Place == Places.Process ? $", {round.Durability}" : "")}: {string.Join("; ", round.Faults.Select(static one => one.Kind))}");
            await RoundRun.RunAsync(round, workload, off, verdict, tally);
            tally.Rounds++;
            if (Stopwatch.GetElapsedTime(began).TotalMinutes >= minutes || (off != BrokerProtection.None && verdict.Violations > 0)) break;
        }

        Console.WriteLine(JsonSerializer.Serialize(new
        {
            seed,
            rounds = tally.Rounds,
            seconds = Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 1),
            faults = tally.Injected,
            injected = tally.Injected.Values.Sum(),
            records = verdict.Records,
            lost = verdict.Lost,
            repeated = verdict.Repeated,
            reordered = verdict.Reordered,
            abortedVisible = verdict.AbortedVisible,
            torn = verdict.Torn,
            hanging = verdict.Hanging,
            copied = verdict.Copied,
            keyed = new { records = verdict.Keyed.Records, aborted = verdict.Keyed.Aborted, tombstones = verdict.Keyed.Tombstones, compacted = verdict.Keyed.Compacted, scans = verdict.Keyed.Scans },
            groups = new { generations = verdict.Groups.Generations, joins = verdict.Groups.Joins, fenced = verdict.Groups.Fenced },
            recoverySecondsMax = Math.Round(tally.SlowestRecovery.TotalSeconds, 3),
            idleConnections = tally.Burden.IdleConnections,
            brokerMemoryMaxMiB = tally.Burden.MemoryBytes / (1024 * 1024),
            ofWorkersOnly = Plan.OfWorkers,
            violations = verdict.Violations,
            found = verdict.Others.Select(static one => new { what = one.Key, count = one.Value.Count, examples = one.Value.Examples }),
        }, Readable));
        return verdict.Violations == 0 ? 0 : 1;
    }
}
