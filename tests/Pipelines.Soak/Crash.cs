using System.Text.Json;
using Pipelines.Simulation.World;

namespace Pipelines.Soak;

/// <summary>Kills the child at random moments and starts it again, then lets it come to the end and asks the oracle.</summary>
internal static class Crash
{
    internal static async Task<int> RunAsync(long records, int kills, int seed, Protection off)
    {
        string folder = Path.Combine(Path.GetTempPath(), $"pipelines-soak-{Environment.ProcessId}-{seed}");
        Directory.CreateDirectory(folder);
        try
        {
            var random = new Random(seed);
            var life = new Life(folder, off);
            for (int killed = 0; killed < kills; killed++)
            {
                // Each life gets a share of the records, so that there is work left for all of them.
                await life.KillAsync(records * (killed + 1) / (kills + 1), seed + killed, random);
                Console.Error.WriteLine($"{killed + 1} of {kills} kills");
            }

            await life.EndAsync(records, seed + kills);
            Verdict verdict = await Oracle.CheckAsync(folder, records);
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                records,
                kills,
                lost = verdict.Lost,
                repeated = verdict.Repeated,
                stateMismatches = verdict.StateMismatches,
                recoverySecondsMax = Math.Round(life.SlowestRecovery.TotalSeconds, 3),
            }));
            return verdict == default ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
