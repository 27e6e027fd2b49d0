using System.Diagnostics;
using Pipelines.Conformance.Brokers;

namespace Pipelines.Conformance.Programs;

/// <summary>Java programs on the class path of KAFKA_HOME: our checks, compiled once a run, and Kafka's tools.</summary>
internal static class JavaProgram
{
    private static readonly Lazy<string> Compiled = new(Compile);

    private static readonly string[] Quick = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Dfile.encoding=UTF-8"];

    private static string Jars => Path.Combine(ApacheKafka.Home!, "libs", "*");

    public static ProcessStartInfo Checks(string bootstrap) => Start("Main", [bootstrap]);

    public static ProcessStartInfo Start(string type, IEnumerable<string> arguments, string logLevel = "off") =>
        Command.Start("java", Arguments(type, arguments, logLevel));

    /// <summary>Runs a main class, ours or one of Kafka's, to its end.</summary>
    public static Task<CommandResult> RunAsync(
        string type, IEnumerable<string> arguments, string? input = null, int limitSeconds = 60, string logLevel = "warn") =>
        Command.RunAsync("java", Arguments(type, arguments, logLevel), input, limitSeconds);

    /// <summary>The compiled classes, if any were needed, go when the run ends.</summary>
    public static void Clean()
    {
        if (Compiled.IsValueCreated) Directory.Delete(Compiled.Value, recursive: true);
    }

    private static string[] Arguments(string type, IEnumerable<string> arguments, string logLevel) =>
    [
        // Native parts unpack themselves into the temporary folder, and a program that is killed leaves them there.
        "-Xmx256m", .. Quick, $"-Djava.io.tmpdir={Compiled.Value}", $"-Dorg.slf4j.simpleLogger.defaultLogLevel={logLevel}",
        "-cp", $"{Compiled.Value}:{Jars}", type, .. arguments,
    ];

    private static string Compile()
    {
        string folder = Directory.CreateTempSubdirectory("pipelines-conformance-java-").FullName;
        string[] sources = Directory.GetFiles(Repository.Client("java"), "*.java");
        string[] arguments = ["-nowarn", "-encoding", "UTF-8", "-d", folder, "-cp", Jars, .. sources];
        Task.Run(async () => (await Command.RunAsync("javac", arguments)).Succeeded()).GetAwaiter().GetResult();
        return folder;
    }
}
