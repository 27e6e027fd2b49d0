using System.Diagnostics;
using System.Text.Json;
using Pipelines.Simulation.World;
using Pipelines.Soak.Scaling;
using Pipelines.Tests.Brokers;

namespace Pipelines.Soak.Eos;

/// <summary>Workers with stateless, counting, joining and windowed detectors under faults, one after the other while records come; at the end every output, state and dead letter is recomputed.</summary>
internal static class EosSoak
{
    /// <summary>Longer than sessions and transactions of processes that are gone are waited for: what the workers say of it is told.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(15);

    internal static async Task<int> RunAsync(EosBroker broker, string names, double minutes, int seed, double downSeconds, EosProtection off)
    {
        if (broker == EosBroker.Embedded)
        {
            if (off != EosProtection.None)
            {
                await Console.Error.WriteLineAsync("On the embedded engine give --break to 'crash'; the protections of 'eos' are those of workers on a broker.");
                return 2;
            }

            if (names is not ("all" or "kill"))
            {
                await Console.Error.WriteLineAsync($"On the embedded engine the process that works is the broker too: the only fault from outside is 'kill', not '{names}'. Disk faults, see the simulation.");
                return 2;
            }

            int kills = Math.Max(2, (int)(minutes * 40));
            return await Crash.RunAsync(kills * 25_000L, kills, seed, Protection.None);
        }

        if (broker is EosBroker.Kafka or EosBroker.Cluster && ApacheKafka.WhyMissing() is { } missing)
        {
            await Console.Error.WriteLineAsync($"The soak waits for {missing}.");
            return 2;
        }

        IReadOnlyList<EosFault> faults;
        try
        {
            faults = EosFault.Choose(names, broker);
        }
        catch (ArgumentException mistake)
        {
            await Console.Error.WriteLineAsync(mistake.Message);
            return 2;
        }

        await using Site site = await Site.StartAsync(broker);
        await using var run = new EosRun(site, seed, TimeSpan.FromSeconds(downSeconds), off);
        await run.StartAsync();
        var feeder = new EosFeeder(site.Bootstrap);
        Task feeding = feeder.RunAsync();
        await run.RecoverAsync("the start");
        var injected = new SortedDictionary<string, int>(StringComparer.Ordinal);
        long began = Stopwatch.GetTimestamp();
        string? stuck = null;
        try
        {
            for (int turn = 0; Stopwatch.GetElapsedTime(began).TotalMinutes < minutes || turn < faults.Count; turn++)
            {
                // Each once before any comes again.
                EosFault fault = turn < faults.Count ? faults[turn] : faults[run.Random.Next(faults.Count)];
                run.Begin();
                await fault.RunAsync(run);
                TimeSpan took = await run.RecoverAsync(fault.Name);
                injected[fault.Name] = injected.GetValueOrDefault(fault.Name) + 1;
                await Console.Error.WriteLineAsync($"{Stopwatch.GetElapsedTime(began).TotalSeconds,5:F0} s, {feeder.Sent} records: {fault.Name}{run.Detail}, whole again after {took.TotalSeconds:F1} s");
                if (took > Slow) await Console.Error.WriteLineAsync(run.LastWords);
                await Task.Delay(run.Random.Next(50, 1_000));
            }

            feeder.End();
            await feeding;
            await run.EndAsync();
        }
        catch (Exception failed) when (failed is TimeoutException or InvalidOperationException)
        {
            stuck = failed.Message;
        }

        var oracle = new Oracle(run.Observer, "scale");
        // Without a protection what stands still may only be what was repeated and is not noticed as such: it is looked at all the same.
        Verdict verdict = stuck is null || off != EosProtection.None ? await oracle.CheckAsync(feeder.Sent) : default;
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            broker = broker.ToString(),
            seed,
            off = off.ToString(),
            seconds = Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 1),
            records = feeder.Sent,
            faults = injected,
            requestsMet = run.MetCount,
            hangingEnded = MemberProcess.HangingEnded,
            lost = verdict.Lost,
            repeated = verdict.Repeated,
            stateMismatches = verdict.StateMismatches,
            delta = oracle.Delta,
            deadLetters = oracle.PoisonCount,
            recoverySecondsMax = Math.Round(run.SlowestRecovery.TotalSeconds, 2),
            slowestAfter = run.SlowestAfter,
            stuck,
        }));
        if (stuck is not null)
        {
            // That nothing goes on does not count as noticed: only outputs that should not be there do.
            return off == EosProtection.None || verdict.Repeated + verdict.StateMismatches > 0 ? 1 : 3;
        }

        return verdict == default && oracle.Delta == 0 ? 0 : 1;
    }
}
