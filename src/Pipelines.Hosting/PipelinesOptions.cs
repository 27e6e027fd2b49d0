using Pipelines.Runtime;

namespace Pipelines.Hosting;

/// <summary>The settings of a pipeline host; bound from the configuration section <c>Pipelines</c> and checked at the start.</summary>
public sealed class PipelinesOptions
{
    /// <summary>The configuration section that the options are bound from.</summary>
    public const string Section = "Pipelines";

    /// <summary>Names the application: the prefix of its own topics, its group and its transactional id.</summary>
    public string Application { get; set; } = "pipelines";

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

    /// <summary>Where a deployment without progress begins.</summary>
    public StartFrom StartFrom { get; set; }

    /// <summary>How long a deployment without room may hold up the others before it reads on its own.</summary>
    public TimeSpan DetachAfter { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The worker's part of the settings.</summary>
    internal WorkerOptions ToWorkerOptions(TimeProvider clock) => new()
    {
        Application = Application,
        CommitInterval = CommitInterval,
        IdleAfter = IdleAfter,
        DetachAfter = DetachAfter,
        DefaultPartitions = DefaultPartitions,
        StartFrom = StartFrom,
        Clock = clock,
    };
}
