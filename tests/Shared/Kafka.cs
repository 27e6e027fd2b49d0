using System.Diagnostics;
using System.IO.Compression;

namespace Pipelines.Tests;

/// <summary>Apache Kafka's own classes, where KAFKA_HOME says they are.</summary>
internal static class Kafka
{
    private static readonly string? Home = Environment.GetEnvironmentVariable("KAFKA_HOME");

    /// <summary>Skips the test, by name and reason, where Kafka is not at hand.</summary>
    public static void Require() => Assert.SkipWhen(string.IsNullOrEmpty(Home), "KAFKA_HOME is not set: the comparison with Apache Kafka's own classes waits for it.");

    /// <summary>Runs a class or a single-file program on Kafka's class path.</summary>
    public static async Task<string> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("java", ["-Xmx512m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", $"{Home}/libs/*", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(3));
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
            Assert.True(process.ExitCode == 0, $"java {string.Join(' ', arguments)} ended with {process.ExitCode}: {await errors}");
            return output;
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>The message schemas inside the client's jar, by name.</summary>
    public static Dictionary<string, string> Schemas()
    {
        string jar = Directory.GetFiles(Path.Combine(Home!, "libs"), "kafka-clients-*.jar").Single();
        using ZipArchive archive = ZipFile.OpenRead(jar);
        var schemas = new Dictionary<string, string>();
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            if (!entry.FullName.StartsWith("common/message/", StringComparison.Ordinal) || !entry.Name.EndsWith(".json", StringComparison.Ordinal)) continue;
            using var text = new StreamReader(entry.Open());
            schemas[Path.GetFileNameWithoutExtension(entry.Name)] = text.ReadToEnd();
        }

        return schemas;
    }
}
