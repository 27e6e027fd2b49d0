using System.Diagnostics;
using Pipelines.Conformance.Brokers;

namespace Pipelines.Conformance.Programs;

/// <summary>A stock client: how it is started, and what says that it is installed.</summary>
internal sealed record Client(string Name, Func<string?> WhyMissing, Func<string, ProcessStartInfo> Start)
{
    /// <summary>Kafka's own clients, whose checks are compiled when they are first asked.</summary>
    public static readonly Client Java = new("Java", JavaMissing, static bootstrap => JavaProgram.Checks(bootstrap));

    /// <summary>librdkafka by way of Debian's python3-confluent-kafka.</summary>
    public static readonly Client Confluent = new("python3-confluent-kafka", static () => PythonMissing("confluent_kafka", "python3-confluent-kafka"),
        static bootstrap => Python(Repository.Client("python-confluent", "checks.py"), bootstrap));

    /// <summary>The client written in Python itself, Debian's python3-kafka.</summary>
    public static readonly Client PythonKafka = new("python3-kafka", static () => PythonMissing("kafka", "python3-kafka"),
        static bootstrap => Python(Repository.Client("python-kafka", "checks.py"), bootstrap));

    /// <summary>npm's kafkajs.</summary>
    public static readonly Client KafkaJs = new("kafkajs", static () => NodeMissing("kafkajs"), static bootstrap => Node("kafkajs", bootstrap));

    /// <summary>npm's @platformatic/kafka.</summary>
    public static readonly Client Platformatic = new(
        "@platformatic/kafka", static () => NodeMissing("platformatic"), static bootstrap => Node("platformatic", bootstrap));

    public static string? JavaMissing() => ApacheKafka.WhyMissing() ?? (Found("javac") ? null : "a Java compiler (javac 17)");

    /// <summary>Whether a program is on the path.</summary>
    public static bool Found(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin").Any(folder => File.Exists(Path.Combine(folder, program)));

    private static string? PythonMissing(string module, string package) =>
        Directory.Exists($"/usr/lib/python3/dist-packages/{module}") ? null : $"{package} (run eng/install-test-tools.sh)";

    private static string? NodeMissing(string folder) =>
        !Found("node") ? "node" : Directory.Exists(Repository.Client(folder, "node_modules")) ? null : $"npm packages of Clients/{folder} (run eng/install-test-tools.sh)";

    private static ProcessStartInfo Python(string script, string bootstrap) => Command.Start("/usr/bin/python3", ["-u", script, bootstrap]);

    private static ProcessStartInfo Node(string folder, string bootstrap) => Command.Start("node", [Repository.Client(folder, "checks.mjs"), bootstrap]);
}
