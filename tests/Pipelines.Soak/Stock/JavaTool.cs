using System.Diagnostics;
using System.Text;
using Pipelines.Tests.Brokers;

namespace Pipelines.Soak.Stock;

/// <summary>A tool of Apache Kafka in a process of its own; it is told line by line what it prints.</summary>
internal sealed class JavaTool : IDisposable
{
    private const int KeptErrors = 2000;
    private readonly Process process;
    private readonly Task hearing;
    private readonly StringBuilder errors = new();

    /// <param name="folder">Where the tool may leave temporary files.</param>
    /// <param name="name">The tool's class, one of <c>org.apache.kafka.tools</c>.</param>
    /// <param name="heard">Is given each line of its output.</param>
    /// <param name="arguments">What it is started with.</param>
    internal JavaTool(string folder, string name, Action<string> heard, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("java") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] line =
        [
            "-Xmx192m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData", $"-Djava.io.tmpdir={folder}", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
            "-cp", Path.Combine(ApacheKafka.Home!, "libs", "*"), $"org.apache.kafka.tools.{name}", .. arguments,
        ];
        foreach (string argument in line) start.ArgumentList.Add(argument);
        process = Process.Start(start)!;
        hearing = Task.WhenAll(HearAsync(process.StandardOutput, heard), HearAsync(process.StandardError, KeepError));
    }

    /// <summary>The end of what it has complained of.</summary>
    internal string LastWords
    {
        get
        {
            lock (errors) return errors.ToString();
        }
    }

    /// <summary>Waits until it has ended and all that it printed was heard.</summary>
    /// <returns>Its exit code.</returns>
    internal async Task<int> EndAsync(TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        await process.WaitForExitAsync(limit.Token);
        await hearing;
        return process.ExitCode;
    }

    /// <summary>Asks it to end.</summary>
    internal Task AskToEndAsync() => Signal.SendAsync(process.Id, "TERM");

    /// <summary>Kills it with SIGKILL.</summary>
    internal void Kill() => process.Kill();

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private static async Task HearAsync(StreamReader source, Action<string> heard)
    {
        while (await source.ReadLineAsync() is { } line) heard(line);
    }

    private void KeepError(string line)
    {
        lock (errors)
        {
            errors.AppendLine(line);
            if (errors.Length > KeptErrors) errors.Remove(0, errors.Length - KeptErrors);
        }
    }
}
