using System.Globalization;

namespace SecurityLog.Terminal;

/// <summary>What the status shows.</summary>
/// <param name="Records">Lines in the log.</param>
/// <param name="Alerts">Alerts printed.</param>
/// <param name="DeadLetters">Lines that are no syslog.</param>
/// <param name="Lag">Lines that the detectors have not handled yet.</param>
internal readonly record struct StatusSnapshot(long Records, long Alerts, long DeadLetters, long Lag);

/// <summary>Shows how the work goes on standard error: redrawn in place on a terminal, plain lines otherwise.</summary>
internal sealed class StatusLine(TextWriter output, bool isTerminal, TimeProvider clock, Func<StatusSnapshot> read)
{
    private static readonly TimeSpan TerminalInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(5);
    private readonly long start = clock.GetTimestamp();
    private StatusSnapshot last;
    private long lastAt = clock.GetTimestamp();

    /// <summary>Shows the status until it is cancelled, and once more at the end.</summary>
    internal async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(isTerminal ? TerminalInterval : PlainInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stop)) Show();
        }
        catch (OperationCanceledException)
        {
        }

        Finish();
    }

    private void Show()
    {
        StatusSnapshot now = read();
        double seconds = Math.Max(0.001, clock.GetElapsedTime(lastAt).TotalSeconds);
        string line = Text(now, (now.Records - last.Records) / seconds);
        bool isNew = now != last;
        last = now;
        lastAt = clock.GetTimestamp();
        if (isTerminal) output.Write($"\r{Cut(line)}\u001b[K");
        else if (isNew) output.WriteLine(line);
    }

    private void Finish()
    {
        StatusSnapshot now = read();
        double seconds = Math.Max(0.001, clock.GetElapsedTime(start).TotalSeconds);
        if (isTerminal) output.Write("\r\u001b[K");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Text(now, now.Records / seconds)}, {seconds:F1} s"));
    }

    private static string Text(StatusSnapshot now, double rate) => string.Create(
        CultureInfo.InvariantCulture, $"{now.Records:N0} records, {rate:N0}/s, {now.Alerts:N0} alerts, {now.DeadLetters:N0} dead letters, lag {now.Lag:N0}");

    private static string Cut(string line)
    {
        int width = 80;
        try
        {
            width = Math.Max(20, Console.WindowWidth);
        }
        catch (IOException)
        {
        }

        return line.Length < width ? line : line[..(width - 1)];
    }
}
