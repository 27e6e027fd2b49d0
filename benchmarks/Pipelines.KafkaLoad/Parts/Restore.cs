using System.Diagnostics;
using Pipelines.Kafka;
using Pipelines.KafkaLoad.Contestants;
using Pipelines.KafkaLoad.Loads;
using Pipelines.Loads;
using Pipelines.Loads.Brokers;
using Pipelines.Protocol.Records;
using Pipelines.Runtime.Brokers;

namespace Pipelines.KafkaLoad.Parts;

/// <summary>Kills a counting process and starts it again: how fast it has its state back from a long changelog, beside reading the same bytes and doing nothing with them.</summary>
internal static class Restore
{
    private const int FetchBytes = 1024 * 1024;
    private const double MiB = 1024 * 1024;

    internal static async Task RunAsync(Report report, IReadOnlyList<Contestant> contestants, BrokerKind kind, Settings settings)
    {
        Contestant contestant = contestants[0];
        await using Bench bench = await Bench.StartAsync(kind, settings.Port);
        var events = new Events();
        await events.FillAsync(bench.Broker, Bench.Partitions, settings.Records, settings.Accounts);
        await bench.Broker.CreateTopicAsync(contestant.Output(Job.Count), Bench.Partitions);
        var assignment = new Assignment(Job.Count, bench.Broker, bench.FolderOf(contestant.Application), settings.Commit);
        await using GroupProgress progress = await GroupProgress.OpenAsync(bench.Broker, contestant.Application, Bench.Partitions);
        double begun;
        await using (Worker killed = contestant.Start(assignment))
        {
            // Without anything to restore: what a start costs otherwise.
            begun = killed.Read("started");
            await Steady.WaitAsync(killed, progress, settings.Records);
            killed.Kill();
        }

        await using Worker worker = contestant.Start(assignment);
        double seconds = (worker.Read("started") - begun) / 1000;
        (double bytes, double alone) = await ReadAsync(bench.Broker, $"{contestant.Application}.{Job.Count.Name}.changelog");
        report.Add("changelog", "MiB", contestant.Name, bytes / MiB);
        report.Add("restore", "MiB/s", contestant.Name, bytes / MiB / seconds);
        report.Add("reading it alone", "MiB/s", contestant.Name, bytes / MiB / alone);
        report.Add("restore", "peak RSS MiB", contestant.Name, worker.Figures.PeakMiB);
    }

    /// <summary>Reads all partitions at once, as whole batches that nobody looks into.</summary>
    private static async Task<(double Bytes, double Seconds)> ReadAsync(BrokerProcess process, string topic)
    {
        await using var broker = new KafkaBroker(new KafkaOptions { Bootstrap = [("127.0.0.1", process.Port)] });
        long began = Stopwatch.GetTimestamp();
        long[] read = await Task.WhenAll(Enumerable.Range(0, Bench.Partitions).Select(partition => Task.Run(async () =>
        {
            long bytes = 0;
            PartitionRange range = await broker.GetRangeAsync(topic, partition);
            for (long offset = range.Start; offset < range.End;)
            {
                using FetchedBatches fetched = await broker.FetchAsync(topic, partition, offset, FetchBytes, TimeSpan.FromSeconds(1));
                foreach (RecordBatchHeader header in new RawBatches(fetched.Bytes.AsSpan(fetched.Begin, fetched.Length)))
                {
                    offset = header.NextOffset;
                    bytes += header.TotalSize;
                }
            }

            return bytes;
        })));
        return (read.Sum(), Stopwatch.GetElapsedTime(began).TotalSeconds);
    }
}
