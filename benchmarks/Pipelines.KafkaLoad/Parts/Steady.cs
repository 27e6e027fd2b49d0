using System.Diagnostics;
using Pipelines.KafkaLoad.Checks;
using Pipelines.KafkaLoad.Contestants;
using Pipelines.KafkaLoad.Loads;
using Pipelines.Loads;
using Pipelines.Loads.Brokers;

namespace Pipelines.KafkaLoad.Parts;

/// <summary>What a contestant came to.</summary>
/// <param name="Records">Records of the measured time.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="CpuSeconds">CPU time of the contestant's process.</param>
/// <param name="PeakMiB">The most memory that it has held.</param>
/// <param name="AllocatedBytes">Managed bytes that it allocated; not a number where it cannot be told.</param>
internal readonly record struct Figures(long Records, double Seconds, double CpuSeconds, double PeakMiB, double AllocatedBytes);

/// <summary>How fast each does a job over a topic that is there already; the first quarter is for the compilers.</summary>
internal static class Steady
{
    private const int WarmShare = 4;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    internal static async Task RunAsync(Report report, Job job, IReadOnlyList<Contestant> contestants, BrokerKind kind, Settings settings)
    {
        await using Bench bench = await Bench.StartAsync(kind, settings.Port);
        var events = new Events();
        if (job.NeedsTable) await events.FillTableAsync(bench.Broker, Bench.Partitions, settings.Accounts);
        await events.FillAsync(bench.Broker, Bench.Partitions, settings.Records, settings.Accounts);
        foreach (Contestant contestant in contestants)
        {
            await bench.Broker.CreateTopicAsync(contestant.Output(job), Bench.Partitions);
            Figures figures = await MeasureAsync(bench, contestant, job, settings);
            await Outputs.CheckAsync(bench.Broker, contestant, job, Bench.Partitions, settings.Records);
            report.Add(job.Title, "M records/s", contestant.Name, figures.Records / figures.Seconds / 1e6);
            report.Add(job.Title, "CPU us a record", contestant.Name, figures.CpuSeconds * 1e6 / figures.Records);
            report.Add(job.Title, "peak RSS MiB", contestant.Name, figures.PeakMiB);
            if (!double.IsNaN(figures.AllocatedBytes)) report.Add(job.Title, "managed bytes a record", contestant.Name, figures.AllocatedBytes / figures.Records);
        }
    }

    /// <summary>Runs a contestant over all records, and takes its figures from the first quarter's end on.</summary>
    internal static async Task<Figures> MeasureAsync(Bench bench, Contestant contestant, Job job, Settings settings)
    {
        await using Worker worker = contestant.Start(new Assignment(job, bench.Broker, bench.FolderOf(contestant.Application), settings.Commit));
        await using GroupProgress progress = await GroupProgress.OpenAsync(bench.Broker, contestant.Application, Bench.Partitions);
        long first = await WaitAsync(worker, progress, settings.Records / WarmShare);
        long began = Stopwatch.GetTimestamp();
        double cpu = worker.Figures.CpuSeconds;
        double allocated = contestant.IsManaged ? worker.AllocatedBytes() : double.NaN;
        await WaitAsync(worker, progress, settings.Records);
        return new Figures(
            settings.Records - first,
            Stopwatch.GetElapsedTime(began).TotalSeconds,
            worker.Figures.CpuSeconds - cpu,
            worker.Figures.PeakMiB,
            contestant.IsManaged ? worker.AllocatedBytes() - allocated : double.NaN);
    }

    /// <summary>Waits until so many records are committed.</summary>
    /// <returns>How many are.</returns>
    internal static async Task<long> WaitAsync(Worker worker, GroupProgress progress, long records)
    {
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            long committed = await progress.ReadAsync();
            if (committed >= records) return committed;
            if (worker.HasEnded) throw new InvalidOperationException($"The process ended after {committed} of {records} records: {worker.Complaints}");
            if (Stopwatch.GetElapsedTime(began) > Limit) throw new TimeoutException($"{committed} of {records} records after {Limit.TotalSeconds} s: {worker.Complaints}");
            await Task.Delay(10);
        }
    }
}
