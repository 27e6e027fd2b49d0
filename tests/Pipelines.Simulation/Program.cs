using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Pipelines.Simulation;
using Pipelines.Simulation.World;

var seeds = new Option<int>("--seeds") { Description = "How many seeds to run.", DefaultValueFactory = _ => 100 };
var start = new Option<int>("--start") { Description = "The first seed.", DefaultValueFactory = _ => 1 };
var off = new Option<Protection>("--break") { Description = "Switches one protection off; the checker must notice." };
var verbose = new Option<bool>("--trace") { Description = "Prints what happens." };
var command = new RootCommand("Runs engine, runtime and detectors on one thread, virtual time and a disk that fails, from seeds.") { seeds, start, off, verbose };
command.SetAction(parsed => Run(parsed.GetValue(start), parsed.GetValue(seeds), parsed.GetValue(off), parsed.GetValue(verbose)));
return command.Parse(args).Invoke();

static int Run(int start, int seeds, Protection off, bool verbose)
{
    long began = Stopwatch.GetTimestamp();
    var counts = new FaultCounts();
    var broken = new List<int>();
    int violationCount = 0;
    for (int seed = start; seed < start + seeds; seed++)
    {
        var trace = new List<string>();
        var simulation = new Simulation(seed, off, verbose ? Console.Error.WriteLine : trace.Add);
        IReadOnlyList<string> violations = simulation.Run();
        counts.Add(simulation.Counts);
        if (violations.Count == 0) continue;
        broken.Add(seed);
        violationCount += violations.Count;
        // The first few in full; their seeds replay the rest.
        if (broken.Count > 3) continue;
        Console.Error.WriteLine($"Seed {seed}: {violations.Count} violations. Replay: dotnet run --project tests/Pipelines.Simulation -- --start {seed} --seeds 1 --trace{(off == Protection.None ? "" : $" --break {off}")}");
        foreach (string line in trace) Console.Error.WriteLine($"  {line}");
        foreach (string violation in violations.Take(10)) Console.Error.WriteLine($"  ! {violation}");
    }

    double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
    Console.WriteLine(JsonSerializer.Serialize(new
    {
        seeds,
        start,
        crashes = counts.Crashes,
        faults = new
        {
            counts.TornWrites,
            counts.LostWrites,
            counts.FailedWrites,
            counts.FailedFlushes,
            counts.FullDisks,
            counts.SlowDisks,
            counts.ClockJumps,
            counts.FailedCommits,
            counts.PoisonRecords,
            counts.LateRecords,
            counts.HeldUpSteps,
        },
        violations = violationCount,
        brokenSeeds = broken,
        seedsPerSecond = Math.Round(seeds / seconds, 1),
        crashesPerMinute = Math.Round(counts.Crashes / seconds * 60),
    }));
    return violationCount == 0 ? 0 : 1;
}
