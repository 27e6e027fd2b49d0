using System.Text;
using Pipelines.Kafka.Tests.Brokers;
using Pipelines.Runtime;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Clients;
using Pipelines.Tests;

namespace Pipelines.Kafka.Tests;

/// <summary>Transactions that Apache Kafka takes for ended and has left open in a partition.</summary>
/// <remarks>Kafka loses the end of a transaction where a partition has no leader; here the partition was never added to it, which comes to the same, and which Kafka allows when it is told to.</remarks>
public sealed class HangingTransactionTests(UnverifiedKafka kafka) : IClassFixture<UnverifiedKafka>
{
    [Theory(Timeout = 120_000), InlineData(true), InlineData(false), InlineData(null)]
    public async Task Who_opens_the_id_ends_it_as_it_was_decided(bool? commits)
    {
        SeamBroker seam = kafka.Seam;
        var log = new LogLines();
        await using var broker = new KafkaBroker(KafkaOptions.From([new("bootstrap.servers", seam.Bootstrap!)]), log);
        string topic = SeamBroker.Unique("out");
        string id = SeamBroker.Unique("id");
        await broker.CreateTopicAsync(topic, 3, isCompacted: false);
        await LeaveAsync(seam.Bootstrap!, id, topic, commits);
        Assert.Equal(0, (await broker.GetRangeAsync(topic, 2)).End);

        await using (await broker.OpenProducerAsync(id, [topic, "not-there"]))
        {
            Assert.Equal(commits == true ? ["whole"] : [], await ReadAsync(broker, topic, 0));
            Assert.Equal(commits == true ? ["hangs"] : [], await ReadAsync(broker, topic, 1));
            Assert.Equal(commits == true ? ["hangs"] : [], await ReadAsync(broker, topic, 2));
            string outcome = commits == true ? "committed" : "aborted";
            string line = await log.FindAsync($"'{id}'", $"{topic}/1, {topic}/2");
            Assert.Contains($"It is {outcome} there too now", line, StringComparison.Ordinal);
        }

        // It goes on as if nothing had been.
        await using RecordWriter writer = await RecordWriter.OpenAsync(broker, id, topics: [topic]);
        await writer.PrepareAsync(topic);
        for (int i = 0; i < 3; i++) writer.Send(topic, hasKey: false, default, hasValue: true, "next"u8, 1_700_000_000_000);
        await writer.CommitAsync();
        for (int partition = 0; partition < 3; partition++) Assert.Equal("next", (await ReadAsync(broker, topic, partition))[^1]);
        Assert.Single(log.All, static line => line.Contains("had left the transaction", StringComparison.Ordinal));
    }

    [Fact(Timeout = 120_000)]
    public async Task An_open_transaction_of_the_living_is_left_alone()
    {
        SeamBroker seam = kafka.Seam;
        string topic = SeamBroker.Unique("out");
        string id = SeamBroker.Unique("id");
        await seam.Broker.CreateTopicAsync(topic, 3, isCompacted: false);
        await using (RawProducer producer = await RawProducer.OpenAsync(seam.Bootstrap!, id))
        {
            await producer.WriteAsync(topic, 0, "whole");
            Assert.False(await seam.Broker.EndHangingAsync(id, [topic]));
            await producer.EndAsync(commits: true);
        }

        Assert.False(await seam.Broker.EndHangingAsync(id, [topic]));
        Assert.False(await seam.Broker.EndHangingAsync("nobody", [topic]));
        Assert.Equal(["whole"], await ReadAsync(seam.Broker, topic, 0));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_worker_ends_what_another_has_left_that_is_gone_for_good_and_names_whose_it_may_not()
    {
        SeamBroker seam = kafka.Seam;
        await seam.Broker.CreateTopicAsync("numbers", 3, isCompacted: false);
        await LeaveAsync(seam.Bootstrap!, "app-gone", "numbers", commits: false);
        var log = new LogLines();
        await using var worker = new PipelineWorker(
            seam.Broker,
            [new Deployment(new OneDetector("counter"))],
            new WorkerOptions { Application = "app", CommitInterval = TimeSpan.FromMilliseconds(10), WatchInterval = TimeSpan.FromMilliseconds(200) },
            log);
        await worker.StartAsync();
        for (int partition = 1; partition < 3; partition++)
        {
            PartitionRange range = await seam.Broker.GetRangeAsync("numbers", partition);
            for (int tries = 0; tries < 200 && range.End < range.Written; tries++)
            {
                await Task.Delay(50);
                range = await seam.Broker.GetRangeAsync("numbers", partition);
            }

            Assert.Equal(range.Written, range.End);
        }

        await LeaveAsync(seam.Bootstrap!, "other", "numbers", commits: false);
        await log.FindAsync("numbers/1 does not go on at offset ", "the transaction of 'other'", "which the cluster takes for ended", "kafka-transactions.sh abort --topic numbers --partition 1 --start-offset ");
    }

    /// <summary>A transaction with a record in three partitions, of which it ends in one; without a decision it ends nowhere.</summary>
    private static async Task LeaveAsync(string bootstrap, string id, string topic, bool? commits)
    {
        await using RawProducer producer = await RawProducer.OpenAsync(bootstrap, id);
        await producer.WriteAsync(topic, 0, "whole");
        for (int partition = 1; partition < 3; partition++) await producer.WriteAsync(topic, partition, "hangs", isAdded: false);
        if (commits is { } decided) await producer.EndAsync(decided);
    }

    private static async Task<List<string>> ReadAsync(IBroker broker, string topic, int partition)
    {
        var values = new List<string>();
        await new RecordReader(broker, topic, partition).ReadToEndAsync((batch, entry) => values.Add(Encoding.UTF8.GetString(batch.Value(in entry))));
        return values;
    }
}
