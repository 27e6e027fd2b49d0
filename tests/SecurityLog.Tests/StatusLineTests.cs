using Microsoft.Extensions.Time.Testing;
using SecurityLog.Terminal;

namespace SecurityLog.Tests;

public sealed class StatusLineTests
{
    [Fact]
    public async Task What_is_printed_stands_on_lines_of_its_own_above_the_status()
    {
        var clock = new FakeTimeProvider();
        var terminal = new StringWriter();
        var status = new StatusLine(terminal, isTerminal: true, clock, static () => new StatusSnapshot(5, 1, 0, 0, 7));
        using var stop = new CancellationTokenSource();
        Task showing = status.RunAsync(stop.Token);
        while (terminal.ToString().Length == 0)
        {
            clock.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Yield();
        }

        status.Around(() => terminal.Write("{alert}\n"));
        status.WriteLine("warning: something");
        await stop.CancelAsync();
        await showing;
        string[] screen = Render(terminal.ToString());
        Assert.Equal("{alert}", screen[0]);
        Assert.Equal("warning: something", screen[1]);
        Assert.StartsWith("5 records", screen[2], StringComparison.Ordinal);
        Assert.Contains("lag 0, 7 datagrams dropped", screen[2], StringComparison.Ordinal);
        Assert.Equal("", screen[3]);
    }

    [Fact]
    public void Without_a_terminal_nothing_is_wiped()
    {
        var output = new StringWriter();
        var status = new StatusLine(output, isTerminal: false, new FakeTimeProvider(), static () => default);
        status.WriteLine("warning: something");
        Assert.Equal($"warning: something{Environment.NewLine}", output.ToString());
    }

    /// <summary>What a terminal shows: CR goes to the line's start, CSI K wipes from there, text overwrites.</summary>
    private static string[] Render(string written)
    {
        var screen = new List<string> { "" };
        int column = 0;
        for (int i = 0; i < written.Length; i++)
        {
            if (written[i] == '\r') column = 0;
            else if (written[i] == '\n')
            {
                screen.Add("");
                column = 0;
            }
            else if (written.AsSpan(i).StartsWith("\u001b[K"))
            {
                screen[^1] = screen[^1][..Math.Min(column, screen[^1].Length)];
                i += 2;
            }
            else
            {
                screen[^1] = string.Concat(screen[^1].AsSpan(0, column), written.AsSpan(i, 1), screen[^1].AsSpan(Math.Min(column + 1, screen[^1].Length)));
                column++;
            }
        }

        return [.. screen];
    }
}
