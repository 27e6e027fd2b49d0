using Pipelines.Kafka;
using Pipelines.Kafka.Settings;
using Pipelines.Runtime;

namespace Pipelines.Hosting;

/// <summary>The settings of a pipeline host; bound from the configuration section <c>Pipelines</c> and checked at the start.</summary>
public sealed class PipelinesOptions
{
    /// <summary>The configuration section that the options are bound from.</summary>
    public const string Section = "Pipelines";

    /// <summary>Names the application: the prefix of its own topics, its group and its transactional id.</summary>
    public string Application { get; set; } = "pipelines";

    /// <summary>The broker: the embedded one when empty, or any Kafka cluster, as <c>kafka://host:9092,other:9092</c>.</summary>
    public string Broker { get; set; } = "";

    /// <summary>
    /// Settings of the connection to a Kafka cluster, by the names of librdkafka: <c>security.protocol</c>, <c>sasl.mechanism</c>, <c>sasl.username</c>, <c>sasl.password</c>,
    /// <c>ssl.ca.location</c> and so on. In names of environment variables underscores stand for the dots: <c>Pipelines__Kafka__sasl_password</c>.
    /// </summary>
    public Dictionary<string, string> Kafka { get; } = [];

    /// <summary>The folder of the embedded broker's log.</summary>
    public string DataFolder { get; set; } = "";

    /// <summary>
    /// Where other clients reach the embedded broker with the Kafka protocol, such as <c>127.0.0.1:9092</c> (port 0 takes a free one); nowhere when empty. Only this machine:
    /// there is no login here. A broker for others, with TLS and users, is <c>pipelines broker</c>.
    /// </summary>
    public string Listen { get; set; } = "";

    /// <summary>Whether a commit waits for the disk; true unless losing the last seconds in a power cut is acceptable.</summary>
    public bool WaitForDisk { get; set; } = true;

    /// <summary>The time between commits: about how late outputs become visible.</summary>
    public TimeSpan CommitInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a partition must have been empty before stream time stops waiting for it.</summary>
    public TimeSpan IdleAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The partitions of topics that do not exist yet.</summary>
    public int DefaultPartitions { get; set; } = 1;

    /// <summary>Whether inputs and outputs that do not exist are created; without, a deployment that lacks one is refused. The application's own topics are always created.</summary>
    public bool CreateTopics { get; set; } = true;

    /// <summary>Where a deployment without progress begins.</summary>
    public StartFrom StartFrom { get; set; }

    /// <summary>How long a deployment without room may hold up the others before it reads on its own.</summary>
    public TimeSpan DetachAfter { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The cluster to use, or null for the embedded broker.</summary>
    /// <param name="clock">The clock.</param>
    /// <param name="wrong">Gets a sentence for each setting that cannot be used.</param>
    internal KafkaOptions? ToKafkaOptions(TimeProvider clock, ICollection<string> wrong)
    {
        if (Broker.Length == 0) return null;
        if (KafkaOptions.TryParse(Broker, out KafkaOptions? cluster)) return (cluster with { Clock = clock }).With(Kafka, wrong);
        bool isCluster = Broker.StartsWith(KafkaOptions.Scheme, StringComparison.OrdinalIgnoreCase);
        string mistake = isCluster ? BootstrapAddresses.Mistake(Broker) : "it has to be empty for the embedded one, or a cluster such as kafka://host:9092.";
        wrong.Add($"the broker is '{BootstrapAddresses.WithoutSecrets(Broker)}', but {mistake}");
        return null;
    }

    /// <summary>The worker's part of the settings.</summary>
    internal WorkerOptions ToWorkerOptions(TimeProvider clock) => new()
    {
        Application = Application,
        CommitInterval = CommitInterval,
        IdleAfter = IdleAfter,
        DetachAfter = DetachAfter,
        DefaultPartitions = DefaultPartitions,
        CreateTopics = CreateTopics,
        SharesBroker = Broker.Length > 0,
        StartFrom = StartFrom,
        Clock = clock,
    };
}
