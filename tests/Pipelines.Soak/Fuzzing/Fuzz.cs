using System.Diagnostics;

namespace Pipelines.Soak.Fuzzing;

/// <summary>Sends a broker frames that are changed at random: most in this process, a share over connections.</summary>
internal static class Fuzz
{
    private const int FramesPerRound = 50_000;
    private const int OverTcpOneIn = 50;

    internal static async Task<int> RunAsync(long frames, int seed)
    {
        long began = Stopwatch.GetTimestamp();
        var counts = new FuzzCounts();
        long overTcp = Math.Max(1, frames / OverTcpOneIn);
        long inProcess = frames - overTcp;
        int rounds = (int)((inProcess + FramesPerRound - 1) / FramesPerRound);
        int done = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount };
        await Parallel.ForAsync(0, rounds, parallel, async (round, _) =>
        {
            var random = new Random(HashCode.Combine(seed, round));
            await using FuzzBroker broker = await FuzzBroker.StartAsync();
            await new FrameRound(broker, new Words(random), counts, random).RunAsync((int)Math.Min(FramesPerRound, inProcess - ((long)round * FramesPerRound)));
            if (Interlocked.Increment(ref done) % 20 == 0) await Console.Error.WriteLineAsync($"{done} of {rounds} rounds, {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s");
        });
        counts.Add("in process", inProcess);
        await TcpFuzz.RunAsync(overTcp, new Random(seed), counts);
        Console.WriteLine(counts.ToJson(frames, seed, Stopwatch.GetElapsedTime(began).TotalSeconds));
        return counts.IsClean ? 0 : 1;
    }
}
