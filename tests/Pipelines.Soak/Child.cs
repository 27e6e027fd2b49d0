using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipelines.Broker;
using Pipelines.Broker.Disk;
using Pipelines.Hosting.Embedded;
using Pipelines.Runtime;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Clients;
using Pipelines.Simulation.World;
using Pipelines.Topology;

namespace Pipelines.Soak;

/// <summary>The process that is killed: engine, worker and feeder on one folder.</summary>
internal static class Child
{
    internal const int Partitions = 4;
    internal const int Keys = 997;

    /// <summary>Goes on where the last process was killed, to the end.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="limit">The number of the last record to feed.</param>
    /// <param name="ends">True to end when it is handled; false to stay until killed.</param>
    /// <param name="seed">Decides about faults.</param>
    /// <param name="off">The protection that is switched off.</param>
    internal static async Task<int> RunAsync(string folder, long limit, bool ends, int seed, Protection off)
    {
        Lifeline.Hold();
        LogEngine engine = await LogEngine.OpenAsync(new EngineOptions { Disk = new PhysicalDisk(folder) });
        await using var embedded = new EngineBroker(engine);
        var broker = new FaultyBroker(embedded, TimeProvider.System, new Random(seed), new FaultCounts(), failureRate: 0, off);
        var worker = new PipelineWorker(
            broker,
            [new Deployment(DeploymentTopology.Of(typeof(Child).Assembly))],
            new WorkerOptions { Application = "soak", DefaultPartitions = Partitions, CommitInterval = TimeSpan.FromMilliseconds(20), Undoes = off != Protection.Undo },
            NullLogger.Instance);
        await embedded.CreateTopicAsync("soak-in", Partitions, isCompacted: false);
        await Prices.WriteAsync(embedded);
        await worker.StartAsync();
        Console.WriteLine("ready");
        await FeedAsync(embedded, off == Protection.Visibility ? broker : embedded, limit);
        await worker.DrainAsync();
        Console.WriteLine("fed");
        if (!ends) await Task.Delay(Timeout.Infinite);
        await worker.StopAsync();
        return 0;
    }

    private static async Task FeedAsync(EngineBroker log, IBroker broker, long records)
    {
        await using RecordWriter writer = await RecordWriter.OpenAsync(broker, "soak-feeder");
        await writer.PrepareAsync("soak-in", Partitions);
        // The log itself says how far the feeder had come.
        long number = await LastNumberAsync(log) + 1;
        while (number <= records)
        {
            for (int i = 0; i < 500 && number <= records; i++, number++) writer.Send(Numbered.Of(number));
            await writer.CommitAsync();
        }
    }

    private static async Task<long> LastNumberAsync(EngineBroker broker)
    {
        long last = 0;
        for (int partition = 0; partition < Partitions; partition++)
        {
            await new RecordReader(broker, "soak-in", partition).ReadToEndAsync((batch, entry) =>
            {
                Numbered.Read(batch.Bytes, in entry, out Numbered record);
                last = Math.Max(last, record.Number);
            });
        }

        return last;
    }
}
