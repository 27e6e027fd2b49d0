using System.Globalization;

namespace Pipelines.Tests.Brokers;

/// <summary>Apache Kafka with default settings but those of its start script, and quick housekeeping.</summary>
internal sealed class ApacheKafka : ChildBroker
{
    private readonly int port;

    private ApacheKafka(int port, int controller, IEnumerable<string> settings)
        : base(
            "mkdir -p \"$DATA.tmp\"; mapfile -t settings < \"$SETTINGS\"; pid=$(HEAP=512m JAVA_OPTS=\"-Djava.io.tmpdir=$DATA.tmp\" \"$KAFKA_HOME/start.sh\" \"$DATA\" \"$PORT\" \"${settings[@]}\")",
            new Dictionary<string, string> { ["PORT"] = Text(port), ["CONTROLLER_PORT"] = Text(controller) },
            settings.Select(setting => setting.Replace("{port}", Text(port), StringComparison.Ordinal).Replace("{controller}", Text(controller), StringComparison.Ordinal))) => this.port = port;

    /// <summary>The folder with Kafka's jars and scripts; null when it is not there.</summary>
    public static string? Home => Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } home && File.Exists(Path.Combine(home, "start.sh")) ? home : null;

    public override string Bootstrap => $"127.0.0.1:{Text(port)}";

    public override string Logs => Path.Combine(Data, "log");

    public static string? WhyMissing() => Home is null ? "Apache Kafka (set KAFKA_HOME to a folder with its jars, start.sh and run.sh)" : null;

    /// <summary>Starts one.</summary>
    /// <param name="settings">More settings, NAME=VALUE; <c>{port}</c> and <c>{controller}</c> stand for the ports that it has.</param>
    public static async Task<ApacheKafka> StartAsync(params string[] settings)
    {
        var broker = new ApacheKafka(FreePort(), FreePort(), settings);
        await broker.ReadyAsync();
        return broker;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
