using System.Diagnostics;
using System.Globalization;

namespace Pipelines.Cli.Tests;

/// <summary>Batches that another client compressed: librdkafka, by way of kcat.</summary>
public sealed class CompressedBatchTests
{
    private const string Kcat = "/usr/bin/kcat";

    [Theory]
    [InlineData("none")]
    [InlineData("gzip")]
    [InlineData("snappy")]
    [InlineData("lz4")]
    [InlineData("zstd")]
    public async Task Records_of_another_client_are_read_whatever_the_codec(string codec)
    {
        Assert.SkipUnless(File.Exists(Kcat), "kcat is not installed: the comparison with batches of another client waits for it.");
        await using Tool tool = await Tool.StartAsync();
        await tool.LinesAsync("topics create ticks");
        string[] sent = [.. Enumerable.Range(0, 5_000).Select(static i => string.Create(CultureInfo.InvariantCulture, $"record {i} of a text that compresses well, well, well: {i * i}"))];
        using var kcat = Process.Start(new ProcessStartInfo(Kcat, ["-P", "-b", tool.Broker.BootstrapServers, "-t", "ticks", "-z", codec]) { RedirectStandardInput = true, RedirectStandardError = true })!;
        await kcat.StandardInput.WriteAsync(string.Join('\n', sent) + "\n");
        kcat.StandardInput.Close();
        string said = await kcat.StandardError.ReadToEndAsync();
        await kcat.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(kcat.ExitCode == 0, said);
        Assert.Equal(sent, await tool.LinesAsync(@"consume ticks --exit --format {value}\n"));
        long sizeBytes = (long)Assert.Single(await tool.JsonAsync("topics describe ticks"))["sizeBytes"]!;
        Assert.Equal(codec == "none", sizeBytes > sent.Sum(static text => text.Length));
    }
}
