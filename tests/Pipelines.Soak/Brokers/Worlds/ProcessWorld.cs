using System.Diagnostics;
using System.Globalization;
using Pipelines.Broker.Groups;
using Pipelines.Broker.Log;
using Pipelines.Broker.Server;

namespace Pipelines.Soak.Brokers.Worlds;

/// <summary>The shipped program, <c>pipelines broker</c>, on a folder: it is killed, stopped, held and started as processes are.</summary>
/// <param name="durability">What it is told to acknowledge: fsync or os.</param>
internal sealed class ProcessWorld(string durability) : World
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    // Small segments, and compaction all the time: there is much that a kill can come between. And a crowd of idle connections must not be all there may be.
    private const string Settings = """
        log.segment.bytes=65536
        log.cleaner.backoff.ms=25
        max.connections=15000
        max.connections.per.ip=15000
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipelines-soak-broker-");
    private Process? process;

    /// <summary>The data folder.</summary>
    internal string Folder => Path.Combine(folder.FullName, "data");

    /// <summary>The folder of a partition.</summary>
    internal string FolderOf(TopicPartition place) => Path.Combine(Folder, "topics", $"{place.Topic}-{place.Partition}");

    internal override TimeSpan Session => new GroupOptions().MinSessionTimeout;

    private string ConfigPath => Path.Combine(folder.FullName, "broker.properties");

    internal override async Task KillAsync()
    {
        if (process is not { } running) return;
        process = null;
        running.Kill();
        await running.WaitForExitAsync();
        running.Dispose();
    }

    internal override async Task StopAsync()
    {
        if (process is not { } running) return;
        process = null;
        await Signal.SendAsync(running.Id, "TERM");
        using var patience = new CancellationTokenSource(StartPatience);
        await running.WaitForExitAsync(patience.Token);
        if (running.ExitCode != 0) throw new InvalidOperationException($"The broker stopped with code {running.ExitCode}.");
        running.Dispose();
    }

    /// <summary>The memory that the process has, or has had at most, in bytes.</summary>
    internal long MemoryBytes(bool isPeak)
    {
        string line = File.ReadLines($"/proc/{process!.Id}/status").First(line => line.StartsWith(isPeak ? "VmHWM:" : "VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>Holds the process for a time: connections to it stay, and nobody answers.</summary>
    internal async Task HoldAsync(TimeSpan time)
    {
        await Signal.SendAsync(process!.Id, "STOP");
        await Task.Delay(time);
        await Signal.SendAsync(process!.Id, "CONT");
    }

    internal override async Task<bool> RefusesAnotherAsync() => (await RefusalAsync())?.Contains("is used by", StringComparison.Ordinal) == true;

    /// <summary>Starts a broker on the folder that should refuse it.</summary>
    /// <returns>What it complains of; null when it does not, and was ended.</returns>
    internal async Task<string?> RefusalAsync()
    {
        using Process second = Launch();
        using var patience = new CancellationTokenSource(StartPatience);
        Task<string> complaint = second.StandardError.ReadToEndAsync(patience.Token);
        bool listens = await second.StandardOutput.ReadLineAsync(patience.Token) is not null;
        if (listens) second.Kill();
        await second.WaitForExitAsync(patience.Token);
        string said = await complaint;
        return listens || second.ExitCode != 1 ? null : said;
    }

    internal override string[] Segments(TopicPartition place) => [.. Directory.GetFiles(FolderOf(place), "*.log").Order(StringComparer.Ordinal)];

    internal override byte[] ReadFile(string path) => File.ReadAllBytes(path);

    internal override void Flip(string path, long position, byte bits)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        file.Position = position;
        int value = file.ReadByte();
        file.Position = position;
        file.WriteByte((byte)(value ^ bits));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        folder.Delete(recursive: true);
    }

    protected override async Task<Address> LaunchAsync()
    {
        Process started = Launch();
        process = started;
        using var patience = new CancellationTokenSource(StartPatience);
        _ = started.StandardError.ReadToEndAsync(CancellationToken.None);
        string line = await started.StandardOutput.ReadLineAsync(patience.Token) ?? "";
        _ = started.StandardOutput.ReadToEndAsync(CancellationToken.None);
        const string Before = "listening on ";
        int at = line.IndexOf(Before, StringComparison.Ordinal);
        if (at < 0 || !Address.TryParse(line[(at + Before.Length)..].Split(',')[0], out Address address))
            throw new InvalidOperationException($"The broker said '{line}' and not where it listens.");
        return address;
    }

    private Process Launch()
    {
        File.WriteAllText(ConfigPath, Settings);
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[BrokerProgram.Path, "broker", "--data", Folder, "--config", ConfigPath, "--listen", "127.0.0.1:0", "--durability", durability]) start.ArgumentList.Add(argument);
        // A small heap, so that many rounds leave room for others.
        start.Environment["DOTNET_gcServer"] = "0";
        return Process.Start(start)!;
    }
}
