using System.Diagnostics;
using System.Globalization;
using System.Text;
using Pipelines.Soak.Eos;

namespace Pipelines.Soak.Scaling;

/// <summary>A process that shares the partitions, and what it last told of itself.</summary>
internal sealed class MemberProcess : IDisposable
{
    private static int started;
    private static int hangingEnded;
    private readonly Process process;
    private readonly Task<string> errors;
    private readonly StringBuilder said = new();
    private long handled;
    private volatile int held;

    internal MemberProcess(string bootstrap, EosProtection off = EosProtection.None)
    {
        ClientId = string.Create(CultureInfo.InvariantCulture, $"{ScaleMember.ClientId}-{Interlocked.Increment(ref started)}");
        process = Life.Start(["scale-member", "--bootstrap", bootstrap, "--client-id", ClientId, "--break", off.ToString()]);
        errors = HearAsync();
        _ = ListenAsync();
    }

    /// <summary>What its connections say who they are.</summary>
    internal string ClientId { get; }

    /// <summary>The process.</summary>
    internal int Id => process.Id;

    /// <summary>The end of what it has said on its standard error.</summary>
    internal string LastWords
    {
        get
        {
            lock (said) return said.ToString(Math.Max(0, said.Length - 2000), Math.Min(said.Length, 2000));
        }
    }

    /// <summary>How many partitions it has tasks for.</summary>
    internal int Held => held;

    /// <summary>How many records it has handled.</summary>
    internal long Handled => Volatile.Read(ref handled);

    /// <summary>How often a worker has ended what a cluster had left open, in all processes so far.</summary>
    internal static int HangingEnded => Volatile.Read(ref hangingEnded);

    /// <summary>Waits until it has so many partitions.</summary>
    internal async Task HoldsAsync(int partitions)
    {
        long began = Stopwatch.GetTimestamp();
        while (Held != partitions)
        {
            if (process.HasExited) throw new InvalidOperationException($"A process ended with code {process.ExitCode} by itself: {await errors}");
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromMinutes(1)) throw new TimeoutException($"A process has {Held} partitions and not {partitions} after a minute. {LastWords}");
            await Task.Delay(20);
        }
    }

    /// <summary>Ends it: asked to, or killed.</summary>
    internal async Task EndAsync(bool kills)
    {
        if (kills)
        {
            process.Kill();
        }
        else
        {
            await Signal.SendAsync(process.Id, "TERM");
        }

        await process.WaitForExitAsync();
        if (!kills && process.ExitCode != 0) throw new InvalidOperationException($"A process that was asked to end did so with code {process.ExitCode}: {await errors}");
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }

    private async Task<string> HearAsync()
    {
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            // That poison does harm is no news.
            if (line.Contains(SoakDetector.Poison, StringComparison.Ordinal)) continue;
            if (line.Contains("had left the transaction of", StringComparison.Ordinal)) Interlocked.Increment(ref hangingEnded);
            lock (said) said.AppendLine(line);
        }

        return LastWords;
    }

    private async Task ListenAsync()
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            string[] words = line.Split(' ');
            if (words.Length != 2 || !int.TryParse(words[0], CultureInfo.InvariantCulture, out int partitions) || !long.TryParse(words[1], CultureInfo.InvariantCulture, out long records)) continue;
            held = partitions;
            Volatile.Write(ref handled, records);
        }
    }
}
