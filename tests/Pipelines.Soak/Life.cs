using System.Diagnostics;
using System.Globalization;
using Pipelines.Simulation.World;

namespace Pipelines.Soak;

/// <summary>Lives of the child, one after the other.</summary>
internal sealed class Life(string folder, Protection off)
{
    private double shareMs = 300;

    /// <summary>The longest time from a child's start to its being ready.</summary>
    internal TimeSpan SlowestRecovery { get; private set; }

    /// <summary>Starts a child and kills it at a random moment: while it starts, in the middle of its share, or when it has done it.</summary>
    internal async Task KillAsync(long limit, int seed, Random random)
    {
        long began = Stopwatch.GetTimestamp();
        using Process child = Start(limit, ends: false, seed);
        int delayMs = random.Next(1, (int)(shareMs * 1.3) + 20);
        if (random.Next(5) > 0)
        {
            await ReadyAsync(child, began);
            long ready = Stopwatch.GetTimestamp();
            Task<string?> fed = child.StandardOutput.ReadLineAsync();
            // How long a share takes is learned, so that most kills fall into it.
            if (await Task.WhenAny(fed, Task.Delay(delayMs)) == fed) shareMs = Stopwatch.GetElapsedTime(ready).TotalMilliseconds;
        }
        else
        {
            await Task.Delay(delayMs);
        }

        // SIGKILL: nothing of the process runs any more.
        child.Kill();
        await child.WaitForExitAsync();
    }

    /// <summary>Starts a child and lets it come to the end.</summary>
    internal async Task EndAsync(long limit, int seed)
    {
        long began = Stopwatch.GetTimestamp();
        using Process child = Start(limit, ends: true, seed);
        await ReadyAsync(child, began);
        await child.WaitForExitAsync();
        if (child.ExitCode != 0) throw new InvalidOperationException($"The child ended with code {child.ExitCode} by itself: {await child.StandardError.ReadToEndAsync()}");
    }

    private async Task ReadyAsync(Process child, long began)
    {
        string? line = await child.StandardOutput.ReadLineAsync();
        if (line != "ready") throw new InvalidOperationException($"The child said '{line}' and not that it is ready: {await child.StandardError.ReadToEndAsync()}");
        TimeSpan recovery = Stopwatch.GetElapsedTime(began);
        if (recovery > SlowestRecovery) SlowestRecovery = recovery;
    }

    private Process Start(long limit, bool ends, int seed)
    {
        string[] arguments = ["child", "--data", folder, "--records", limit.ToString(CultureInfo.InvariantCulture), "--seed", seed.ToString(CultureInfo.InvariantCulture), "--break", off.ToString()];
        return Start(ends ? [.. arguments, "--ends"] : arguments);
    }

    /// <summary>Starts this program again as a process of its own, whose standard input ends when this one does.</summary>
    /// <param name="arguments">What it is started with.</param>
    internal static Process Start(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        // Under `dotnet run` and `dotnet Pipelines.Soak.dll` the process is the runtime, which needs the program's name.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(Life).Assembly.Location);
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
