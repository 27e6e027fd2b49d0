using Microsoft.Extensions.Logging.Abstractions;
using Pipelines.Broker.Groups;
using Pipelines.Execution;
using Pipelines.Kafka.Tests.Brokers;
using Pipelines.Runtime;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Clients;
using Pipelines.Tests;

namespace Pipelines.Kafka.Tests.Groups;

/// <summary>An application of its own on a broker, and what it must have counted.</summary>
internal sealed class Scene : IAsyncDisposable
{
    internal const int Partitions = 4;

    /// <summary>The earliest event time; a window of whole seconds begins there.</summary>
    internal const long FirstTime = 1_700_000_000_000;

    private const int Keys = 13;
    private readonly SeamBroker seam;
    private readonly string name = SeamBroker.Unique("shared");
    private int sent;

    private Scene(SeamBroker seam, string detector) => (this.seam, Detector) = (seam, detector);

    /// <summary>The detector that runs, in a deployment of the same name.</summary>
    public string Detector { get; }

    /// <summary>The broker, as the test sees it.</summary>
    public IBroker Broker => seam.Broker;

    /// <summary>The application, and its group.</summary>
    public string Name => name;

    /// <summary>Where clients reach the broker.</summary>
    public string Bootstrap => seam.Bootstrap!;

    /// <summary>The topic that is counted.</summary>
    public string Input => Topic("numbers");

    /// <summary>A topic of the detectors, as it is called here.</summary>
    public string Topic(string topic) => $"{name}-{topic}";

    /// <summary>The topic through which records go that get another key.</summary>
    public string Passage => $"{name}.{Detector}.{name}-{Detector}.number-by-value";

    private string Output => Topic("counted");

    /// <summary>Waits for something that comes by itself.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        for (int tries = 0; !condition(); tries++)
        {
            Assert.True(tries < 3_000, $"Waited 60 s until {what}.");
            await Task.Delay(20);
        }
    }

    /// <summary>A broker, and the topic that the detector reads.</summary>
    public static async Task<Scene> StartAsync(SeamKind kind, string detector = "counter")
    {
        var scene = new Scene(await SeamBroker.StartAsync(kind, new GroupOptions { InitialRebalanceDelay = TimeSpan.Zero, MinSessionTimeout = TimeSpan.FromSeconds(1) }), detector);
        await scene.seam.Broker.CreateTopicAsync(scene.Input, Partitions, isCompacted: false);
        return scene;
    }

    /// <summary>Starts a worker.</summary>
    public async Task<WorkerProcess> RunAsync(string? instanceId = null, string guarantee = "exactly_once_v2")
    {
        var settings = new Dictionary<string, string>
        {
            ["bootstrap.servers"] = seam.Bootstrap!,
            ["session.timeout.ms"] = seam.Kind == SeamKind.Shipped ? "2000" : "6000",
            ["heartbeat.interval.ms"] = "100",
            ["transaction.timeout.ms"] = "5000",
            ["processing.guarantee"] = guarantee,
        };
        if (instanceId is not null) settings["group.instance.id"] = instanceId;
        var broker = new MortalBroker(new KafkaBroker(KafkaOptions.From(settings)));
        var worker = new PipelineWorker(
            broker,
            [new Deployment(new RenamedTopology(new OneDetector(Detector), name))],
            new WorkerOptions
            {
                Application = name,
                DefaultPartitions = Partitions,
                CommitInterval = TimeSpan.FromMilliseconds(20),
                IdleAfter = TimeSpan.FromMilliseconds(500),
                MirrorInterval = TimeSpan.FromMilliseconds(500),
                PurgeInterval = TimeSpan.FromMilliseconds(500),
            },
            NullLogger.Instance);
        await worker.StartAsync();
        return new WorkerProcess(worker, broker);
    }

    /// <summary>Sends numbers, in transactions of fifty.</summary>
    public async Task SendAsync(int count)
    {
        await using RecordWriter writer = await RecordWriter.OpenAsync(seam.Broker, $"{name}-feeder");
        await writer.PrepareAsync(Input, Partitions);
        for (int last = sent + count; sent < last; sent++)
        {
            Write(writer, new Number($"key-{sent % Keys}", sent), FirstTime);
            if (sent % 50 != 0) continue;
            await writer.CommitAsync();
            await Task.Delay(5);
        }

        await writer.CommitAsync();
    }

    /// <summary>Adds a number to a transaction.</summary>
    /// <param name="writer">The transaction's writer.</param>
    /// <param name="number">The number.</param>
    /// <param name="timeMs">Its event time.</param>
    public void Write(RecordWriter writer, in Number number, long timeMs)
    {
        EncodeBuffer key = new(), value = new();
        Number.WriteKey(in number, key);
        Number.WriteValue(in number, value);
        writer.Send(Input, hasKey: true, key.Written, hasValue: true, value.Written, timeMs);
    }

    /// <summary>Waits until everything sent is counted.</summary>
    public async Task CountedAsync()
    {
        int counted = 0;
        for (int tries = 0; (counted = (await ReadAsync()).Count) < sent; tries++)
        {
            Assert.True(tries < 600, $"Waited 60 s for {sent} records; {counted} are counted.");
            await Task.Delay(100);
        }
    }

    /// <summary>Waits until every record is among those that were counted, whatever else is.</summary>
    public async Task NoneIsLostAsync()
    {
        int missing = sent;
        for (int tries = 0; missing > 0; tries++)
        {
            missing = Enumerable.Range(0, sent).Except((await ReadAsync()).Select(static one => one.Value)).Count();
            Assert.True(tries < 600, $"Waited 60 s for {sent} records; {missing} are missing.");
            await Task.Delay(100);
        }
    }

    /// <summary>Every record is counted once, and each count is that of all records of the key before it.</summary>
    public async Task CheckAsync()
    {
        await CountedAsync();
        // Time for what should not come.
        await Task.Delay(300);
        List<Counted> counted = await ReadAsync();
        Assert.Equal(Enumerable.Range(0, sent), counted.Select(static one => one.Value).Order());
        foreach (IGrouping<(string Key, int Value), Counted> key in counted.GroupBy(KeyOf))
            Assert.Equal(Enumerable.Range(1, key.Count()).Select(static number => (long)number), key.Select(static one => one.Count));
    }

    public ValueTask DisposeAsync() => seam.DisposeAsync();

    /// <summary>What the detector counts by: the key, or each value by itself.</summary>
    private (string Key, int Value) KeyOf(Counted counted) => Detector == "counter" ? (counted.Key, 0) : ("", counted.Value);

    private async Task<List<Counted>> ReadAsync()
    {
        var counted = new List<Counted>();
        for (int partition = 0; partition < Partitions; partition++)
        {
            await new RecordReader(seam.Broker, Output, partition).ReadToEndAsync((batch, entry) =>
            {
                Counted.Read(batch.Bytes, in entry, out Counted record);
                counted.Add(record);
            });
        }

        return counted;
    }
}
