using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Pipelines.Broker;
using Pipelines.Broker.Disk;
using Pipelines.Hosting.Embedded;
using Pipelines.Runtime;
using Pipelines.Runtime.Clients;
using Pipelines.Topology;

namespace Pipelines.Benchmarks;

/// <summary>Durable ingest, stateful detector, transactional output on the engine: each alone, then all at once.</summary>
internal static class EndToEnd
{
    private const int RecordBytes = 100;

    internal static async Task RunAsync(long records)
    {
        string folder = Directory.CreateTempSubdirectory("pipelines-bench-").FullName;
        try
        {
            LogEngine engine = await LogEngine.OpenAsync(new EngineOptions { Disk = new PhysicalDisk(folder) });
            await using var broker = new EngineBroker(engine);
            await broker.CreateTopicAsync("trades", 2, isCompacted: false);
            await broker.CreateTopicAsync("warm-up", 2, isCompacted: false);
            await IngestAsync(broker, records / 2, "warm-up", overlapping: true);
            double apart = double.MaxValue;
            double overlapping = double.MaxValue;
            // Turns on a topic of their own, so that the worker finds the stated number of records.
            for (int turn = 0; turn < 3; turn++)
            {
                apart = Math.Min(apart, await TimeAsync(() => IngestAsync(broker, records, "warm-up", overlapping: false)));
                overlapping = Math.Min(overlapping, await TimeAsync(() => IngestAsync(broker, records, "warm-up", overlapping: true)));
            }

            Report("durable ingest alone, one commit after the other (least of 3)", records, apart);
            Report("durable ingest alone, encoding while the commit before is flushed (least of 3)", records, overlapping);
            await IngestAsync(broker, records, "trades", overlapping: true);
            (double alone, long allocated) = await DetectAsync(broker, "alone", null);
            Report("worker alone, over what is there", records, alone);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Allocated by the whole process meanwhile: {allocated / (double)records:F2} B/record."));
            (double together, _) = await DetectAsync(broker, "together", () => IngestAsync(broker, records, "trades", overlapping: true));
            Report($"ingest and worker at once ({records} new records, {records} old)", records * 2, together);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(double Seconds, long Allocated)> DetectAsync(EngineBroker broker, string application, Func<Task>? meanwhile)
    {
        var worker = new PipelineWorker(
            broker,
            [new Deployment(DeploymentTopology.Of(typeof(EndToEnd).Assembly))],
            new WorkerOptions { Application = application, DefaultPartitions = 2, CommitInterval = TimeSpan.FromMilliseconds(100) },
            NullLogger.Instance);
        long before = GC.GetTotalAllocatedBytes();
        double seconds = await TimeAsync(async () =>
        {
            await worker.StartAsync();
            if (meanwhile is not null) await meanwhile();
            await worker.DrainAsync();
        });
        long allocated = GC.GetTotalAllocatedBytes() - before;
        await worker.StopAsync();
        return (seconds, allocated);
    }

    private static async Task IngestAsync(EngineBroker broker, long records, string topic, bool overlapping)
    {
        await using RecordWriter writer = await RecordWriter.OpenAsync(broker, "bench-feeder");
        await writer.PrepareAsync(topic, 2);
        var random = new Random(1);
        var key = new EncodeBuffer();
        var value = new EncodeBuffer();
        byte[] padding = new byte[RecordBytes];
        for (long i = 0; i < records; i++)
        {
            var trade = new Trade(random.Next(10_000), random.Next(100), random.Next(1, 50), 1_700_000_000_000 + i);
            key.Clear();
            value.Clear();
            Trade.WriteKey(in trade, key);
            // A further member, which this version of the record skips, brings the record to its size.
            MessagePackWriter.WriteArrayHeader(value, 5);
            MessagePackWriter.Write(value, trade.Account);
            MessagePackWriter.Write(value, trade.Price);
            MessagePackWriter.Write(value, trade.Quantity);
            MessagePackWriter.Write(value, trade.AtMs);
            value.WriteByte(0xC4);
            int left = RecordBytes - key.Length - value.Length - 1;
            value.WriteByte((byte)left);
            value.Write(padding.AsSpan(0, left));
            writer.Send(topic, hasKey: true, key.Written, hasValue: true, value.Written, trade.AtMs);
            if (writer.PendingBytes < 8 * 1024 * 1024) continue;
            if (overlapping) await writer.BeginCommitAsync();
            else await writer.CommitAsync();
        }

        await writer.CommitAsync();
    }

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        long began = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static void Report(string what, long records, double seconds) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"| {what} | {records / seconds / 1e6:F2} M records/s | {records * RecordBytes / seconds / 1e6:F0} MB/s | {seconds / records * 1e9:F0} ns/record |"));
}
