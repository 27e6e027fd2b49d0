using System.Diagnostics;
using Pipelines.Broker.Groups;
using Pipelines.Broker.Server;

namespace Pipelines.Soak.Brokers.Worlds;

/// <summary>The shipped program, <c>pipelines broker</c>, on a folder: it is killed, stopped, held and started as processes are.</summary>
/// <param name="durability">What it is told to acknowledge: fsync or os.</param>
internal sealed class ProcessWorld(string durability) : World
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipelines-soak-broker-");
    private Process? process;

    /// <summary>The data folder.</summary>
    internal string Folder => folder.FullName;

    internal override TimeSpan Session => new GroupOptions().MinSessionTimeout;

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

    /// <summary>Holds the process for a time: connections to it stay, and nobody answers.</summary>
    internal async Task HoldAsync(TimeSpan time)
    {
        await Signal.SendAsync(process!.Id, "STOP");
        await Task.Delay(time);
        await Signal.SendAsync(process!.Id, "CONT");
    }

    internal override async Task<bool> RefusesAnotherAsync()
    {
        using Process second = Launch();
        using var patience = new CancellationTokenSource(StartPatience);
        Task<string> said = second.StandardOutput.ReadToEndAsync(patience.Token);
        string complaint = await second.StandardError.ReadToEndAsync(patience.Token);
        await said;
        await second.WaitForExitAsync(patience.Token);
        return second.ExitCode == 1 && complaint.Contains("is used by", StringComparison.Ordinal);
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
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[BrokerProgram.Path, "broker", "--data", folder.FullName, "--listen", "127.0.0.1:0", "--durability", durability]) start.ArgumentList.Add(argument);
        // A small heap, so that many rounds leave room for others.
        start.Environment["DOTNET_gcServer"] = "0";
        return Process.Start(start)!;
    }
}
