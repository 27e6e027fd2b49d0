using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Pipelines.Broker;
using Pipelines.Broker.Disk;
using Pipelines.Hosting.Embedded;
using Pipelines.Loads;
using Pipelines.Runtime;
using Pipelines.Runtime.Clients;
using Pipelines.Topology;

namespace Pipelines.Benchmarks;

/// <summary>Durable ingest, stateful detector, transactional output on the engine: each alone, then all at once.</summary>
internal static class EndToEnd
{
    private const int RecordBytes = 100;

    internal static async Task RunAsync(long records, bool touches)
    {
        string folder = Directory.CreateTempSubdirectory("pipelines-bench-").FullName;
        try
        {
            LogEngine engine = await LogEngine.OpenAsync(new EngineOptions { Disk = new PhysicalDisk(folder) });
            await using var broker = new EngineBroker(engine);
            await broker.CreateTopicAsync("trades", 2, isCompacted: false);
            await broker.CreateTopicAsync("warm-up", 2, isCompacted: false);
            await IngestAsync(broker, records / 2, "warm-up");
            var disk = new DiskAlone(folder);
            double write = double.MaxValue;
            double ingest = double.MaxValue;
            // Turns on a topic of their own, so that the worker finds the stated number of records.
            for (int turn = 0; turn < 3; turn++)
            {
                if (touches) PageMemory.Touch(folder, records * 2 * RecordBytes);
                write = Math.Min(write, disk.Write(records * RecordBytes));
                if (touches) PageMemory.Touch(folder, records * 2 * RecordBytes);
                ingest = Math.Min(ingest, await TimeAsync(() => IngestAsync(broker, records, "warm-up")));
            }

            Console.WriteLine(touches
                ? "\nFree memory was written to before each part, so that no page of the page cache is the first use of its memory."
                : "\nMemory as it is found: where a virtual machine gives memory when it is first used, the kernel's writes pay for that.");
            Console.WriteLine("| end to end | records | bytes ingested | a record |");
            Console.WriteLine("|---|---|---|---|");
            Report("the disk alone: as many bytes written and flushed every 8 MB, nothing else (least of 3)", records, write);
            Report("durable ingest alone (least of 3)", records, ingest);
            await IngestAsync(broker, records, "trades");
            if (touches) PageMemory.Touch(folder, records * RecordBytes);
            (double alone, long allocated) = await DetectAsync(broker, records, "alone", StartFrom.Earliest, null);
            Report("worker alone, over what is there", records, alone);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Allocated by the whole process meanwhile: {allocated / (double)records:F2} B/record."));
            double together = double.MaxValue;
            for (int turn = 0; turn < 3; turn++)
            {
                if (touches) PageMemory.Touch(folder, records * 3 * RecordBytes);
                together = Math.Min(together, (await DetectAsync(broker, records, $"together-{turn}", StartFrom.Latest, () => IngestAsync(broker, records, "trades"))).Seconds);
            }

            Report("ingest and worker at once, every record ingested, handled and committed (least of 3)", records, together);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(double Seconds, long Allocated)> DetectAsync(EngineBroker broker, long records, string application, StartFrom start, Func<Task>? meanwhile)
    {
        var worker = new PipelineWorker(
            broker,
            [new Deployment(DeploymentTopology.Of(typeof(EndToEnd).Assembly))],
            new WorkerOptions { Application = application, StartFrom = start, DefaultPartitions = 2, CommitInterval = TimeSpan.FromMilliseconds(100) },
            NullLogger.Instance);
        long outputs = -await OutputsAsync(broker);
        long before = GC.GetTotalAllocatedBytes();
        double seconds = await TimeAsync(async () =>
        {
            await worker.StartAsync();
            if (meanwhile is not null) await meanwhile();
            await worker.DrainAsync();
        });
        long allocated = GC.GetTotalAllocatedBytes() - before;
        await worker.StopAsync();
        outputs += await OutputsAsync(broker);
        // Every second price is high enough.
        if (outputs < records * 0.49) throw new InvalidOperationException($"Only {outputs} outputs for {records} records were committed.");
        return (seconds, allocated);
    }

    private static async Task<long> OutputsAsync(EngineBroker broker)
    {
        int partitions = await broker.FindTopicAsync("totals") ?? 0;
        long sum = 0;
        for (int partition = 0; partition < partitions; partition++) sum += (await broker.GetRangeAsync("totals", partition)).End;
        return sum;
    }

    private static async Task IngestAsync(EngineBroker broker, long records, string topic)
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
            await writer.BeginCommitAsync();
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
