using System.Diagnostics;
using System.Globalization;

namespace Pipelines.Loads.Brokers;

/// <summary>A broker to measure: how its process is started on a folder.</summary>
/// <param name="Name">What it is called in the tables.</param>
internal abstract record BrokerKind(string Name)
{
    /// <summary>Starts it.</summary>
    /// <returns>The number of the broker's process.</returns>
    protected abstract Task<int> LaunchAsync(string folder, int port);

    /// <summary>Starts it and waits until it answers.</summary>
    internal async Task<BrokerProcess> StartAsync(string folder, int port)
    {
        long began = Stopwatch.GetTimestamp();
        Task<int> launched = LaunchAsync(folder, port);
        await BrokerProcess.AnswersAsync(port, launched);
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        return new BrokerProcess(await launched, port, took);
    }

    private protected static Process Run(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        return Process.Start(start)!;
    }
}

/// <summary>Ours, as <c>pipelines broker</c> in a process of its own.</summary>
/// <param name="Durability">When it acknowledges.</param>
/// <param name="Published">The assembly of the command line that was published; as built beside this program when null.</param>
internal sealed record OurBroker(string Durability, string? Published = null) : BrokerKind($"ours, {Durability}")
{
    private static string Built
    {
        get
        {
            // Built together with this program, in the same configuration.
            string here = AppContext.BaseDirectory.TrimEnd('/');
            string root = here[..here.IndexOf("/benchmarks/", StringComparison.Ordinal)];
            return $"{root}/src/Pipelines.Cli/{here[here.IndexOf("/bin/", StringComparison.Ordinal)..]}/Pipelines.Cli.dll";
        }
    }

    protected override Task<int> LaunchAsync(string folder, int port)
    {
        string config = Path.Combine(Path.GetDirectoryName(folder)!, "ours.properties");
        File.WriteAllText(config, "group.initial.rebalance.delay.ms=0\n");
        Process process = Run("dotnet", Published ?? Built, "broker", "--data", folder, "--listen", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), "--durability", Durability, "--config", config);
        // Read, so that it never has to wait for its log to be taken.
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, line) =>
        {
            if (line.Data is { } text && text.Contains("fail:", StringComparison.Ordinal)) Console.Error.WriteLine(text);
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return Task.FromResult(process.Id);
    }
}

/// <summary>Apache Kafka, started by the script that lies in KAFKA_HOME.</summary>
internal sealed record ApacheKafka(bool Flushes) : BrokerKind(Flushes ? "Kafka, fsync of each append" : "Kafka")
{
    internal static string? Home => Environment.GetEnvironmentVariable("KAFKA_HOME");

    protected override async Task<int> LaunchAsync(string folder, int port)
    {
        string[] settings = Flushes ? ["log.flush.interval.messages=1"] : [];
        using Process script = Run($"{Home}/start.sh", [folder, port.ToString(CultureInfo.InvariantCulture), .. settings]);
        string? number = await script.StandardOutput.ReadLineAsync();
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            ? id
            : throw new InvalidOperationException($"Apache Kafka did not start: {await script.StandardError.ReadToEndAsync()}");
    }
}
