using System.Diagnostics;
using System.Globalization;
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
            double slowest = 0;
            int killed = 0;
            bool isDone = false;
            while (!isDone)
            {
                (isDone, double recovery) = await LiveAsync(folder, records, seed + killed, off, killed < kills ? random.Next(5, 600) : null);
                slowest = Math.Max(slowest, recovery);
                if (isDone) break;
                killed++;
                Console.Error.WriteLine($"{killed} of {kills} kills");
            }

            Verdict verdict = await Oracle.CheckAsync(folder, records);
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                records,
                kills = killed,
                lost = verdict.Lost,
                repeated = verdict.Repeated,
                stateMismatches = verdict.StateMismatches,
                recoverySecondsMax = Math.Round(slowest, 3),
            }));
            if (killed < kills) Console.Error.WriteLine($"The records were done after {killed} kills; give more records for {kills}.");
            return verdict == default ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>One life of the child.</summary>
    /// <param name="killAfterMs">When to kill it, counted from when it is ready or, by chance, from its start; null to let it end.</param>
    private static async Task<(bool IsDone, double RecoverySeconds)> LiveAsync(string folder, long records, int seed, Protection off, int? killAfterMs)
    {
        long began = Stopwatch.GetTimestamp();
        using Process child = Start(folder, records, seed, off);
        double recovery = 0;
        // One in five is killed while it starts, wherever it may be then.
        bool killsAtStart = killAfterMs is { } after && after % 5 == 0;
        if (!killsAtStart)
        {
            string? line = await child.StandardOutput.ReadLineAsync();
            if (line == "ready") recovery = Stopwatch.GetElapsedTime(began).TotalSeconds;
        }

        Task ended = child.WaitForExitAsync();
        if (killAfterMs is { } delay && await Task.WhenAny(ended, Task.Delay(delay)) != ended)
        {
            // SIGKILL: nothing of the process runs any more.
            child.Kill();
            await ended;
            return (false, recovery);
        }

        await ended;
        if (child.ExitCode != 0) throw new InvalidOperationException($"The child ended with code {child.ExitCode} by itself: {await child.StandardError.ReadToEndAsync()}");
        return (true, recovery);
    }

    private static Process Start(string folder, long records, int seed, Protection off)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Under `dotnet run` and `dotnet Pipelines.Soak.dll` the process is the runtime, which needs the program's name.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(Crash).Assembly.Location);
        foreach (string argument in (string[])["child", "--data", folder, "--records", records.ToString(CultureInfo.InvariantCulture), "--seed", seed.ToString(CultureInfo.InvariantCulture), "--break", off.ToString()])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
