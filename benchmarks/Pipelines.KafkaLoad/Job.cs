namespace Pipelines.KafkaLoad;

/// <summary>What is to be done with the events, by whomever.</summary>
/// <param name="Name">The detector's name, and the Java program's first argument.</param>
/// <param name="Title">What it is called in the tables.</param>
/// <param name="Output">The topic that our detector writes.</param>
internal sealed record Job(string Name, string Title, string Output)
{
    internal static readonly Job Copy = new("copy", "stateless copy", "copies");
    internal static readonly Job Count = new("count", "keyed count", "counts");
    internal static readonly Job Windowed = new("windowed", "windowed count", "window-counts");
    internal static readonly Job Join = new("join", "stream-table join", "joins");

    /// <summary>Those that are measured against Kafka Streams.</summary>
    internal static readonly IReadOnlyList<Job> All = [Copy, Count, Windowed, Join];

    internal bool NeedsTable => this == Join;
}
