using Microsoft.Extensions.Logging.Abstractions;
using Pipelines.Broker.Groups;
using Pipelines.Broker.Server;
using Pipelines.Execution;
using Pipelines.Kafka.Tests.Brokers;
using Pipelines.Runtime;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Clients;
using Pipelines.Tests;
using Pipelines.Topology;

namespace Pipelines.Kafka.Tests.Groups;

/// <summary>Two workers share the partitions of a topic, come, go, die and come back, while records are counted: each once, by whoever has its partition.</summary>
public sealed class WorkerGroupTests
{
    private const int Partitions = 4;
    private const int Keys = 13;

    public static TheoryData<SeamKind> Clusters => [SeamKind.Shipped, SeamKind.ApacheKafka];

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task Who_comes_takes_half_and_who_goes_gives_it_back(SeamKind kind)
    {
        await using Scene scene = await Scene.StartAsync(kind);
        await using Process first = await scene.RunAsync();
        await scene.SendAsync(1_000);
        Assert.Equal(Partitions, first.Held);
        await using (Process second = await scene.RunAsync())
        {
            await UntilAsync(() => first.Held == Partitions / 2 && second.Held == Partitions / 2, "the partitions are shared");
            await scene.SendAsync(1_000);
            await scene.CountedAsync();
            Assert.True(second.Worker.Deployments.Single().RecordCount > 0);
            await scene.SendAsync(1_000);
        }

        await UntilAsync(() => first.Held == Partitions, "the first worker has all partitions again");
        await scene.SendAsync(1_000);
        await scene.CheckAsync();
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task Who_dies_is_replaced_when_its_session_is_over(SeamKind kind)
    {
        await using Scene scene = await Scene.StartAsync(kind);
        await using Process first = await scene.RunAsync();
        await using Process second = await scene.RunAsync();
        await UntilAsync(() => first.Held == Partitions / 2 && second.Held == Partitions / 2, "the partitions are shared");
        await scene.SendAsync(2_000);
        await second.Broker.DieAsync();
        await scene.SendAsync(2_000);
        await UntilAsync(() => first.Held == Partitions, "the first worker has all partitions");
        await scene.CheckAsync();
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task Who_comes_back_after_its_session_commits_nothing_of_before(SeamKind kind)
    {
        await using Scene scene = await Scene.StartAsync(kind);
        await using Process first = await scene.RunAsync();
        await using Process second = await scene.RunAsync();
        await UntilAsync(() => first.Held == Partitions / 2 && second.Held == Partitions / 2, "the partitions are shared");
        await scene.SendAsync(500);
        await scene.CountedAsync();
        await second.Broker.StandStillAsync();
        // The one that stands still has read and handled its part of these, and is about to commit it.
        await scene.SendAsync(2_000);
        await UntilAsync(() => first.Held == Partitions, "the first worker has all partitions");
        await scene.CountedAsync();
        second.Broker.GoOn();
        await UntilAsync(() => first.Held == Partitions / 2 && second.Held == Partitions / 2, "the one that came back is a member again");
        await scene.SendAsync(500);
        await scene.CheckAsync();
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task Members_that_come_and_go_all_the_time_lose_and_repeat_nothing(SeamKind kind)
    {
        await using Scene scene = await Scene.StartAsync(kind);
        await using Process stays = await scene.RunAsync();
        for (int round = 0; round < 4; round++)
        {
            Task sending = scene.SendAsync(1_500);
            await using Process comes = await scene.RunAsync();
            await sending;
            await Task.Delay(50 * round);
        }

        await scene.CheckAsync();
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task A_static_member_is_back_at_once_and_whoever_has_its_name_too_ends(SeamKind kind)
    {
        await using Scene scene = await Scene.StartAsync(kind);
        Process before = await scene.RunAsync("one");
        await scene.SendAsync(500);
        await scene.CountedAsync();
        await before.DisposeAsync();
        await using Process after = await scene.RunAsync("one");
        await scene.SendAsync(500);
        await scene.CountedAsync();
        await using Process twin = await scene.RunAsync("one");
        BrokerException fenced = await Assert.ThrowsAsync<BrokerException>(() => after.Worker.Completion);
        Assert.Contains("group.instance.id", fenced.Message, StringComparison.Ordinal);
        await scene.SendAsync(500);
        await scene.CheckAsync();
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task Without_transactions_a_death_repeats_records_at_most(SeamKind kind)
    {
        await using Scene scene = await Scene.StartAsync(kind);
        await using Process first = await scene.RunAsync(guarantee: "at_least_once");
        await using Process second = await scene.RunAsync(guarantee: "at_least_once");
        await UntilAsync(() => first.Held == Partitions / 2 && second.Held == Partitions / 2, "the partitions are shared");
        await scene.SendAsync(2_000);
        // Nothing has failed yet, so nothing is repeated.
        await scene.CheckAsync();
        await second.Broker.DieAsync();
        await scene.SendAsync(2_000);
        await UntilAsync(() => first.Held == Partitions, "the first worker has all partitions");
        await scene.NoneIsLostAsync();
    }

    private static async Task UntilAsync(Func<bool> condition, string what)
    {
        for (int tries = 0; !condition(); tries++)
        {
            Assert.True(tries < 3_000, $"Waited 60 s until {what}.");
            await Task.Delay(20);
        }
    }

    /// <summary>A worker that stands for a process.</summary>
    private sealed record Process(PipelineWorker Worker, MortalBroker Broker) : IAsyncDisposable
    {
        /// <summary>How many partitions it runs tasks on.</summary>
        public int Held => Worker.Deployments.Single().Positions.Count;

        public async ValueTask DisposeAsync()
        {
            await Worker.DisposeAsync();
            await Broker.DisposeAsync();
        }
    }

    /// <summary>An application of its own on a broker, and what it must have counted.</summary>
    private sealed class Scene : IAsyncDisposable
    {
        private readonly SeamBroker seam;
        private readonly string name = SeamBroker.Unique("shared");
        private int sent;

        private Scene(SeamBroker seam) => this.seam = seam;

        private string Input => $"{name}-numbers";

        private string Output => $"{name}-counted";

        public static async Task<Scene> StartAsync(SeamKind kind)
        {
            var scene = new Scene(await SeamBroker.StartAsync(kind, new GroupOptions { InitialRebalanceDelay = TimeSpan.Zero, MinSessionTimeout = TimeSpan.FromSeconds(1) }));
            await scene.seam.Broker.CreateTopicAsync(scene.Input, Partitions, isCompacted: false);
            return scene;
        }

        public async Task<Process> RunAsync(string? instanceId = null, string guarantee = "exactly_once_v2")
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
                [new Deployment(new RenamedTopology(new OneDetector("counter"), name))],
                new WorkerOptions { Application = name, DefaultPartitions = Partitions, CommitInterval = TimeSpan.FromMilliseconds(20) },
                NullLogger.Instance);
            await worker.StartAsync();
            return new Process(worker, broker);
        }

        public async Task SendAsync(int count)
        {
            await using RecordWriter writer = await RecordWriter.OpenAsync(seam.Broker, $"{name}-feeder");
            await writer.PrepareAsync(Input, Partitions);
            var key = new EncodeBuffer();
            var value = new EncodeBuffer();
            for (int last = sent + count; sent < last; sent++)
            {
                var number = new Number($"key-{sent % Keys}", sent);
                key.Clear();
                value.Clear();
                Number.WriteKey(in number, key);
                Number.WriteValue(in number, value);
                writer.Send(Input, hasKey: true, key.Written, hasValue: true, value.Written, 1_700_000_000_000);
                if (sent % 50 != 0) continue;
                await writer.CommitAsync();
                await Task.Delay(5);
            }

            await writer.CommitAsync();
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
            foreach (IGrouping<string, Counted> key in counted.GroupBy(static one => one.Key))
                Assert.Equal(Enumerable.Range(1, key.Count()).Select(static number => (long)number), key.Select(static one => one.Count));
        }

        public ValueTask DisposeAsync() => seam.DisposeAsync();

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
}
