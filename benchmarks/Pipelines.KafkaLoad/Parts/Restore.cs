using System.Diagnostics;
using Pipelines.Kafka;
using Pipelines.KafkaLoad.Contestants;
using Pipelines.KafkaLoad.Loads;
using Pipelines.Loads;
using Pipelines.Loads.Brokers;
using Pipelines.Runtime.Brokers;

namespace Pipelines.KafkaLoad.Parts;

/// <summary>How fast state comes back from a long changelog, against reading that changelog and doing nothing with it.</summary>
internal static class Restore
{
    internal const int Accounts = 1_000_000;
    internal const long Records = 7_000_000;
    private const int FetchBytes = 1024 * 1024;
    private const double Mega = 1e6;

    internal static async Task RunAsync(Report report, IReadOnlyList<Contestant> contestants, BrokerKind kind, Settings settings)
    {
        Contestant contestant = contestants[0];
        await using Bench bench = await Bench.StartAsync(kind, settings.Port);
        var events = new Events();
        await events.FillAsync(bench.Broker, Bench.Partitions, Records, Accounts);
        var assignment = new Assignment(Job.Ledger, bench.Broker, bench.FolderOf(contestant.Application), settings.Commit);
        await using GroupProgress progress = await GroupProgress.OpenAsync(bench.Broker, contestant.Application, Bench.Partitions);
        await using (Worker first = contestant.Start(assignment)) await Steady.WaitAsync(first, progress, Records);
        (long bytes, double seconds) = await ReadAsync(bench.Broker, $"{contestant.Application}.{Job.Ledger.Name}.changelog");
        report.Add("changelog", "MB", contestant.Name, bytes / Mega);
        report.Add("plain read", "MB/s", contestant.Name, bytes / Mega / seconds);
        await using Worker worker = contestant.Start(assignment);
        double startedMs = worker.Read("started");
        report.Add("restore, the whole start of the host counted", "MB/s", contestant.Name, bytes / Mega / (startedMs / 1_000));
        // What was restored has to go on where it was: one event more for some accounts.
        await events.FillOncePerAccountAsync(bench.Broker, Bench.Partitions, Restart.Later);
        await Steady.WaitAsync(worker, progress, Records + Restart.Later);
        await Checks.Outputs.CheckAsync(bench.Broker, contestant, Job.Ledger, Bench.Partitions, Records + Restart.Later);
    }

    private static async Task<(long Bytes, double Seconds)> ReadAsync(BrokerProcess process, string topic)
    {
        await using var broker = new KafkaBroker(new KafkaOptions { Bootstrap = [("127.0.0.1", process.Port)] });
        long bytes = 0;
        long began = Stopwatch.GetTimestamp();
        for (int partition = 0; partition < Bench.Partitions; partition++)
        {
            PartitionRange range = await broker.GetRangeAsync(topic, partition);
            for (long offset = range.Start; offset < range.End;)
            {
                using FetchedBatches fetched = await broker.FetchAsync(topic, partition, offset, FetchBytes, TimeSpan.FromMilliseconds(250));
                bytes += fetched.Length;
                offset = Batches.NextOffset(fetched.Bytes.AsSpan(0, fetched.Length), offset);
            }
        }

        return (bytes, Stopwatch.GetElapsedTime(began).TotalSeconds);
    }
}
