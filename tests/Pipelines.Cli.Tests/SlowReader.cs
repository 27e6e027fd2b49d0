using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Pipelines.Cli.Tests;

/// <summary>Somebody who types some lines, and then takes a long time.</summary>
internal sealed class SlowReader(params string[] lines) : TextReader
{
    private readonly Queue<string> left = new(lines);
    private readonly TaskCompletionSource<string?> end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void End() => end.TrySetResult(null);

    public override ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken) => left.TryDequeue(out string? line) ? new(line) : new(end.Task);
}

/// <content>Waiting for what another command does.</content>
internal static class Waiting
{
    public static async Task UntilAsync(this Tool tool, string line, Func<JsonNode[], bool> holds)
    {
        var clock = Stopwatch.StartNew();
        while (!holds(await tool.JsonAsync(line)))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"'{line}' did not come to what was waited for.");
            await Task.Delay(50);
        }
    }
}
