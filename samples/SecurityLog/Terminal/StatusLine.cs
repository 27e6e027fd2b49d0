using System.Globalization;

namespace SecurityLog.Terminal;

/// <summary>What the status shows.</summary>
/// <param name="Records">Lines in the log.</param>
/// <param name="Alerts">Alerts printed.</param>
/// <param name="DeadLetters">Lines that are no syslog.</param>
/// <param name="Lag">Lines that the detectors have not handled yet.</param>
/// <param name="Dropped">Datagrams that the system dropped because they came too fast; null when it does not tell, or none are listened for.</param>
internal readonly record struct StatusSnapshot(long Records, long Alerts, long DeadLetters, long Lag, long? Dropped = null);

/// <summary>Shows how the work goes on standard error: redrawn in place on a terminal, plain lines otherwise.</summary>
internal sealed class StatusLine(TextWriter output, bool isTerminal, TimeProvider clock, Func<StatusSnapshot> read)
{
    private static readonly TimeSpan TerminalInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(5);
    private readonly long start = clock.GetTimestamp();
    private readonly Lock drawing = new();
    private StatusSnapshot last;
    private string shown = "";
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

    /// <summary>Writes something else to the terminal: the status is wiped, and drawn again below.</summary>
    /// <param name="write">Writes whole lines, and flushes them.</param>
    internal void Around(Action write)
    {
        lock (drawing)
        {
            if (shown.Length > 0) output.Write("\r\u001b[K");
            output.Flush();
            write();
            output.Write(shown);
            output.Flush();
        }
    }

    /// <summary>Writes a line above the status.</summary>
    internal void WriteLine(string line) => Around(() => output.WriteLine(line));

    private void Show()
    {
        StatusSnapshot now = read();
        double seconds = Math.Max(0.001, clock.GetElapsedTime(lastAt).TotalSeconds);
        string line = Text(now, (now.Records - last.Records) / seconds);
        bool isNew = now != last;
        last = now;
        lastAt = clock.GetTimestamp();
        lock (drawing)
        {
            if (isTerminal) output.Write($"\r{shown = Cut(line)}\u001b[K");
            else if (isNew) output.WriteLine(line);
        }
    }

    private void Finish()
    {
        StatusSnapshot now = read();
        double seconds = Math.Max(0.001, clock.GetElapsedTime(start).TotalSeconds);
        lock (drawing)
        {
            if (isTerminal) output.Write("\r\u001b[K");
            shown = "";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Text(now, now.Records / seconds)}, {seconds:F1} s"));
        }
    }

    private static string Text(StatusSnapshot now, double rate) => string.Create(
        CultureInfo.InvariantCulture, $"{now.Records:N0} records, {rate:N0}/s, {now.Alerts:N0} alerts, {now.DeadLetters:N0} dead letters, lag {now.Lag:N0}{(now.Dropped is { } dropped ? $", {dropped:N0} datagrams dropped" : "")}");

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
