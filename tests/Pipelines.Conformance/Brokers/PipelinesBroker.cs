using System.Globalization;
using Pipelines.Conformance.Programs;

namespace Pipelines.Conformance.Brokers;

/// <summary>
/// The broker of this repository, started as its users start it. PIPELINES_BROKER overrides the command: a line of shell that finds
/// an empty folder in <c>$DATA</c>, a free port in <c>$PORT</c> and a file of settings in <c>$SETTINGS</c>, and stays in the foreground.
/// </summary>
internal sealed class PipelinesBroker : ChildBroker
{
    private readonly int port;

    private PipelinesBroker(int port, string command)
        : base(Script(command), new Dictionary<string, string> { ["PORT"] = port.ToString(CultureInfo.InvariantCulture) }) => this.port = port;

    /// <summary>The built program's command line; null when it is not built.</summary>
    internal static string? Built
    {
        get
        {
            string configuration = Directory.GetParent(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))!.Name;
            string built = Repository.Path("src", "Pipelines.Cli", "bin", configuration, "net10.0", "Pipelines.Cli.dll");
            return File.Exists(built) ? $"exec dotnet '{built}' broker --data \"$DATA\" --listen \"127.0.0.1:$PORT\"" : null;
        }
    }

    private static string? Command => Environment.GetEnvironmentVariable("PIPELINES_BROKER") is { Length: > 0 } given ? $"exec {given}" : Built;

    public override string Bootstrap => $"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}";

    public override string Logs => Data;

    public static string? WhyMissing() =>
        Command is null ? "the broker of this repository (build src/Pipelines.Cli, or set PIPELINES_BROKER to a command that starts one)" : null;

    public static async Task<PipelinesBroker> StartAsync()
    {
        var broker = new PipelinesBroker(FreePort(), Command!);
        await broker.ReadyAsync();
        return broker;
    }

    /// <summary>Starts a command in the background and waits until it listens.</summary>
    internal static string Script(string command) =>
        $$"""
        mkdir -p "$DATA"
        ({{command}}) > "$DATA.log" 2>&1 &
        pid=$!
        for ((i = 0; i < 300; i++)); do
          (exec 3<> "/dev/tcp/127.0.0.1/$PORT") 2> /dev/null && break
          kill -0 $pid 2> /dev/null || { cat "$DATA.log" >&2; pid=; break; }
          sleep 0.1
        done
        """;
}
