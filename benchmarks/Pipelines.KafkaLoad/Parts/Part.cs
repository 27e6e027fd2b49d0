using System.Globalization;
using Pipelines.KafkaLoad.Contestants;
using Pipelines.Loads;
using Pipelines.Loads.Brokers;

namespace Pipelines.KafkaLoad.Parts;

/// <summary>One thing to measure, which runs by itself.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Contestants">Who is measured, one after the other.</param>
/// <param name="RunAsync">Measures, and adds the figures to the report.</param>
/// <param name="Describe">The load, in words.</param>
internal sealed record Part(
    string Name,
    IReadOnlyList<Contestant> Contestants,
    Func<Report, IReadOnlyList<Contestant>, BrokerKind, Settings, Task> RunAsync,
    Func<Settings, string> Describe)
{
    private static readonly Contestant[] OursAndStreams = [new OurHost(), new KafkaStreams()];

    internal static Part[] All { get; } =
    [
        .. Job.All.Select(static job => new Part(job.Name, OursAndStreams, (report, who, kind, settings) => Steady.RunAsync(report, job, who, kind, settings), Load)),
        new("confluent", [new OurHost(), new ConfluentLoop()], static (report, who, kind, settings) => Steady.RunAsync(report, Job.Copy, who, kind, settings), Load),
        new("guarantee", [new OurHost(), new OurHost("at_least_once")], Guarantees.RunAsync, Load),
        new("restore", [new OurHost()], Restore.RunAsync, static settings => Text($"kill -9 after {settings.Records} counts, which the changelog holds, all of them")),
        new("restart", OursAndStreams, Restart.RunAsync, static _ => Text($"kill -9 with a count for each of {Restart.Accounts} keys, then {Restart.Later} events more")),
        new("latency", OursAndStreams, Latency.RunAsync, static settings => Text($"copy at {settings.Rate} records a second, commits every {Latency.CommitMs} ms")),
    ];

    private static string Load(Settings settings) =>
        Text($"{settings.Records} records of 100 bytes, {settings.Accounts} keys, {Bench.Partitions} partitions, commits every {settings.Commit.TotalMilliseconds} ms");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
