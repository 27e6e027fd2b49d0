using Pipelines.Loads.Brokers;

namespace Pipelines.KafkaLoad.Contestants;

/// <summary>Kafka Streams with exactly_once_v2, RocksDB and two threads, as a Java program of ours on the jars of KAFKA_HOME.</summary>
internal sealed record KafkaStreams() : Contestant("Kafka Streams")
{
    private const int Threads = 2;

    internal override string Application => "streams";

    internal override bool IsManaged => false;

    internal override string Output(Job job) => $"streams-{job.Output}";

    internal override Worker Start(Assignment assignment)
    {
        Directory.CreateDirectory(assignment.Folder);
        // Native parts unpack themselves into the temporary folder, and a program that is killed leaves them there.
        return new Worker(
            "java",
            [
                "-Xmx1g", $"-Djava.io.tmpdir={assignment.Folder}", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", $"{ApacheKafka.Home}/libs/*",
                Path.Combine(AppContext.BaseDirectory, "Java", "Streams.java"), assignment.Job.Name, assignment.Broker.Address, Application, Output(assignment.Job),
                assignment.Folder, assignment.CommitMs, Threads.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ]);
    }
}
