using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Pipelines.Conformance.Programs;

namespace Pipelines.Conformance.Checks;

/// <summary>A pipeline host lets Kafka clients read and write its topics while it runs: rsyslog with omkafka writes the sample's input, kcat reads its findings.</summary>
public sealed partial class SecurityLogChecks
{
    private static string Program =>
        Repository.Path("samples", "SecurityLog", "bin", Directory.GetParent(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))!.Name, "net10.0", "SecurityLog.dll");

    [Fact]
    public async Task What_rsyslog_writes_with_omkafka_is_found_and_kcat_reads_the_findings()
    {
        Waiting.For(RsyslogChecks.Missing());
        string log = Repository.Path("samples", "SecurityLog", "sample.log");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pipelines-conformance-security-log-");
        CommandResult alone = (await Command.RunAsync("dotnet", [Program, "--input", log, "--year", "2025", "--exit", "--data", Path.Combine(folder.FullName, "alone")])).Succeeded();
        string[] wanted = [.. alone.Lines.Select(Essence).Order(StringComparer.Ordinal)];
        Assert.NotEmpty(wanted);

        using Process program = Process.Start(Command.Start("dotnet", [Program, "--topic", "syslog", "--serve", "127.0.0.1:0", "--year", "2025", "--data", Path.Combine(folder.FullName, "log")]))!;
        Process? rsyslog = null;
        try
        {
            string broker = await AddressAsync(program);
            string settings = Path.Combine(folder.FullName, "rsyslog.conf");
            await File.WriteAllTextAsync(settings, $$"""
                global(workDirectory="{{folder.FullName}}")
                module(load="imfile")
                module(load="omkafka")
                input(type="imfile" File="{{log}}" Tag="log" reopenOnTruncate="off")
                template(name="line" type="string" string="%msg%")
                action(type="omkafka" broker=["{{broker}}"] topic="syslog" template="line" confParam=["queue.buffering.max.ms=20", "compression.codec=snappy"])
                """);
            rsyslog = Process.Start(Command.Start("/usr/sbin/rsyslogd", ["-n", "-f", settings, "-i", Path.Combine(folder.FullName, "pid")]));
            string[] found = [];
            for (var waited = Stopwatch.StartNew(); found.Length < wanted.Length && waited.Elapsed < TimeSpan.FromSeconds(60);)
            {
                CommandResult read = await Command.RunAsync("kcat", ["-b", broker, "-C", "-t", "alerts", "-o", "beginning", "-e", "-q", "-X", "isolation.level=read_committed"]);
                found = [.. read.Lines.Select(Essence).Order(StringComparer.Ordinal)];
            }

            Assert.Equal(wanted, found);
        }
        finally
        {
            foreach (Process? process in (Process?[])[rsyslog, program])
            {
                if (process is null) continue;
                process.Kill();
                await process.WaitForExitAsync();
                process.Dispose();
            }

            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> AddressAsync(Process program)
    {
        while (await program.StandardError.ReadLineAsync() is { } line)
        {
            if (Reached().Match(line) is { Success: true } match)
            {
                // What it says from here on is not looked at, but has to go somewhere.
                _ = program.StandardError.ReadToEndAsync();
                _ = program.StandardOutput.ReadToEndAsync();
                return match.Groups[1].Value;
            }
        }

        throw new InvalidOperationException("The program ended before it listened.");
    }

    /// <summary>A finding without the spelling of its JSON.</summary>
    private static string Essence(string json)
    {
        JsonElement finding = JsonDocument.Parse(json).RootElement;
        string Of(string name) => finding.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : "";
        return $"{Of("alert")} {Of("address")} {Of("user")} {Of("count")} {Of("host")}";
    }

    [GeneratedRegex(@"Kafka clients reach the log at (\S+)")]
    private static partial Regex Reached();
}
