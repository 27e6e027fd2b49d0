using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Pipelines.Tests.Brokers;

/// <summary>A broker in a process of its own, which ends when this process ends, however it ends.</summary>
internal abstract class ChildBroker : BrokerUnderTest
{
    /// <summary>Housekeeping that checks wait for comes soon: by Kafka's names, one NAME=VALUE a line in the file <c>$SETTINGS</c>.</summary>
    private static readonly string[] Settings =
    [
        "transaction.abort.timed.out.transaction.cleanup.interval.ms=500",
        "log.cleaner.backoff.ms=200",
        "log.retention.check.interval.ms=500",
        "log.initial.task.delay.ms=500",
    ];

    private readonly Process guard;
    private readonly string folder;

    /// <param name="command">A line of shell that starts the broker, waits until it answers, and leaves its process id in <c>$pid</c>.</param>
    /// <param name="environment">What the line finds in its environment; <c>DATA</c>, a new folder, and <c>SETTINGS</c> are set here.</param>
    /// <param name="settings">More settings of the broker, one NAME=VALUE each.</param>
    protected ChildBroker(string command, IReadOnlyDictionary<string, string> environment, IEnumerable<string>? settings = null)
    {
        folder = Directory.CreateTempSubdirectory("pipelines-conformance-").FullName;
        // The guard's input is a pipe that we hold: when it ends, the broker is killed.
        var start = new ProcessStartInfo("bash") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(command + "\n[ -n \"$pid\" ] || exit 1\necho ready\ncat > /dev/null\nkill -9 $pid 2> /dev/null");
        start.Environment["DATA"] = Data;
        start.Environment["SETTINGS"] = Path.Combine(folder, "settings");
        File.WriteAllLines(start.Environment["SETTINGS"]!, [.. Settings, .. settings ?? []]);
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        guard = Process.Start(start)!;
    }

    protected string Data => Path.Combine(folder, "data");

    protected async Task<string> ReadyAsync()
    {
        Task<string> errors = guard.StandardError.ReadToEndAsync();
        if (await guard.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(90)) == "ready") return Bootstrap;
        throw new InvalidOperationException($"The broker under test did not start: {await errors}");
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public override async ValueTask DisposeAsync()
    {
        guard.StandardInput.Close();
        await guard.WaitForExitAsync();
        guard.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
