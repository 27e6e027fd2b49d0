using System.Diagnostics;
using Pipelines.Conformance.Brokers;
using Pipelines.Conformance.Programs;

namespace Pipelines.Conformance.Checks;

/// <summary>A Kafka Streams program with exactly_once_v2 (Clients/java/WordCount.java), which is killed in the middle once.</summary>
public sealed class KafkaStreamsChecks(Bench bench)
{
    [Theory, OnEachBroker]
    public async Task Words_are_counted_exactly_once_though_the_program_dies(BrokerKind broker)
    {
        Waiting.For(Client.JavaMissing());
        string bootstrap = (await bench.BrokerAsync(broker)).Bootstrap;
        string application = Bench.Unique("word-count"), input = Bench.Unique("lines"), output = Bench.Unique("counts");
        DirectoryInfo state = Directory.CreateTempSubdirectory("pipelines-conformance-streams-");
        try
        {
            string lines = string.Concat(Enumerable.Range(0, 600).Select(i => $"all even{i % 2 == 0} third{i % 3}\n")) + "last\n";
            await Console("ConsoleProducer", lines, "--bootstrap-server", bootstrap, "--topic", input);
            string[] arguments = [bootstrap, application, input, output, state.FullName];
            CommandResult died = await JavaProgram.RunAsync("WordCount", [.. arguments, "250"], input: "", limitSeconds: 60, logLevel: "off");
            Assert.Equal(9, died.ExitCode);

            using Process again = Process.Start(JavaProgram.Start("WordCount", arguments))!;
            try
            {
                var counts = await LastCounts(bootstrap, output);
                Assert.Equal(
                    ["all=600", "evenFalse=300", "evenTrue=300", "last=1", "third0=200", "third1=200", "third2=200"],
                    counts.Select(c => $"{c.Key}={c.Value}").Order(StringComparer.Ordinal));
                again.StandardInput.Close();
                Assert.Contains("closed", await again.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30)), StringComparison.Ordinal);
            }
            finally
            {
                again.Kill(entireProcessTree: true);
            }
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }

    /// <summary>The last count of each word before that of the last line; there is one partition all the way, so nothing comes after it.</summary>
    private static async Task<Dictionary<string, string>> LastCounts(string bootstrap, string output)
    {
        string[] arguments =
        [
            "--bootstrap-server", bootstrap, "--topic", output, "--from-beginning", "--isolation-level", "read_committed",
            "--formatter-property", "print.key=true", "--formatter-property", "key.separator==",
        ];
        using Process reader = Process.Start(JavaProgram.Start("org.apache.kafka.tools.consumer.ConsoleConsumer", arguments))!;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(75));
        var counts = new Dictionary<string, string>();
        try
        {
            while (!counts.ContainsKey("last") && await reader.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                if (line.Split('=') is [var word, var count]) counts[word] = count;
            }
        }
        finally
        {
            reader.Kill(entireProcessTree: true);
        }

        return counts;
    }

    private static async Task Console(string tool, string input, params string[] arguments) =>
        (await JavaProgram.RunAsync("org.apache.kafka.tools." + tool, arguments, input, logLevel: "off")).Succeeded();
}
