using System.Diagnostics;
using System.Text;
using Pipelines.Execution;
using Pipelines.Kafka.Tests.Brokers;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Clients;

namespace Pipelines.Kafka.Tests;

/// <summary>What the runtime expects of a broker, on every implementation of the seam.</summary>
public sealed partial class SeamTests
{
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(500);

    public static TheoryData<SeamKind> All => [SeamKind.Embedded, SeamKind.Shipped, SeamKind.ApacheKafka];

    [Theory(Timeout = 120_000), MemberData(nameof(All))]
    public async Task A_topic_is_found_once_it_is_created_and_stays_as_it_is(SeamKind kind)
    {
        await using SeamBroker seam = await SeamBroker.StartAsync(kind);
        string topic = SeamBroker.Unique("created");
        Assert.Null(await seam.Broker.FindTopicAsync(topic));
        await seam.Broker.CreateTopicAsync(topic, 3, isCompacted: true);
        Assert.Equal(3, await seam.Broker.FindTopicAsync(topic));
        await seam.Broker.CreateTopicAsync(topic, 5, isCompacted: false);
        Assert.Equal(3, await seam.Broker.FindTopicAsync(topic));
        Assert.Equal(new PartitionRange(0, 0, 0), await seam.Broker.GetRangeAsync(topic, 2));
        BrokerException refused = await Assert.ThrowsAsync<BrokerException>(async () => await seam.Broker.CreateTopicAsync("no/topic", 1, isCompacted: false));
        Assert.True(refused.IsFatal);
        Assert.Contains("no/topic", refused.Message, StringComparison.Ordinal);
    }

    [Theory(Timeout = 120_000), MemberData(nameof(All))]
    public async Task A_commit_shows_all_its_records_and_offsets(SeamKind kind)
    {
        await using SeamBroker seam = await SeamBroker.StartAsync(kind);
        string topic = SeamBroker.Unique("commits");
        string group = SeamBroker.Unique("group");
        await seam.Broker.CreateTopicAsync(topic, 2, isCompacted: false);
        Assert.Null(await seam.Broker.GetCommittedOffsetAsync(group, topic, 0));
        await using ITransactionalProducer producer = await seam.Broker.OpenProducerAsync(SeamBroker.Unique("id"));
        for (int round = 0; round < 5; round++)
        {
            await CommitAsync(producer, group, [new OffsetCommit(topic, 0, (round + 1) * 10)], (topic, 0, [$"a{round}", $"b{round}"]), (topic, 1, [$"c{round}"]));
            Assert.Equal((round + 1) * 10, await seam.Broker.GetCommittedOffsetAsync(group, topic, 0));
        }

        Assert.Equal(["a0", "b0", "a1", "b1", "a2", "b2", "a3", "b3", "a4", "b4"], await ReadAsync(seam.Broker, topic, 0));
        Assert.Equal(["c0", "c1", "c2", "c3", "c4"], await ReadAsync(seam.Broker, topic, 1));
        // Records and, behind each commit, its marker; the last one may come behind the answer.
        Assert.InRange((await seam.Broker.GetRangeAsync(topic, 0)).End, 14, 15);
        Assert.Null(await seam.Broker.GetCommittedOffsetAsync(group, topic, 1));
    }

    [Theory(Timeout = 120_000), MemberData(nameof(All))]
    public async Task A_commit_of_many_batches_comes_whole_and_lets_go_of_what_the_broker_has(SeamKind kind)
    {
        const int Count = 4_000;
        await using SeamBroker seam = await SeamBroker.StartAsync(kind);
        string topic = SeamBroker.Unique("large");
        string group = SeamBroker.Unique("group");
        await seam.Broker.CreateTopicAsync(topic, 2, isCompacted: false);
        await using ITransactionalProducer producer = await seam.Broker.OpenProducerAsync(SeamBroker.Unique("id"));
        string tail = new('t', 500);
        for (int round = 0; round < 2; round++)
        {
            var held = new List<int>();
            var transaction = new BrokerTransaction { Group = group };
            transaction.Offsets.Add(new OffsetCommit(topic, 0, round + 1));
            for (int partition = 0; partition < 2; partition++)
            {
                var records = new RecordBuffer();
                for (int i = 0; i < Count; i++) records.Append(1_700_000_000_000, hasKey: false, default, hasValue: true, Encoding.UTF8.GetBytes($"{(round * Count) + i} {tail}"), default, 0);
                transaction.Writes.Add(new PartitionWrite(topic, partition, records));
            }

            transaction.OnTaken = () => held.Add(transaction.Writes.Sum(static write => write.Records.HeldBytes));
            await producer.CommitAsync(transaction);
            Assert.Equal(round + 1, await seam.Broker.GetCommittedOffsetAsync(group, topic, 0));
            if (kind == SeamKind.Embedded) continue;
            Assert.True(held.Count > 2);
            Assert.Equal(held.OrderDescending(), held);
            Assert.Equal(0, held[^1]);
        }

        for (int partition = 0; partition < 2; partition++)
            Assert.Equal(Enumerable.Range(0, 2 * Count).Select(number => $"{number} {tail}"), await ReadAsync(seam.Broker, topic, partition));
    }

    [Theory(Timeout = 120_000), MemberData(nameof(All))]
    public async Task Offsets_alone_and_records_alone_can_be_committed(SeamKind kind)
    {
        await using SeamBroker seam = await SeamBroker.StartAsync(kind);
        string topic = SeamBroker.Unique("alone");
        string group = SeamBroker.Unique("group");
        await seam.Broker.CreateTopicAsync(topic, 1, isCompacted: false);
        await using ITransactionalProducer producer = await seam.Broker.OpenProducerAsync(SeamBroker.Unique("id"));
        await CommitAsync(producer, group, [new OffsetCommit(topic, 0, 7)]);
        await CommitAsync(producer, "", [], (topic, 0, ["x"]));
        await CommitAsync(producer, group, [new OffsetCommit(topic, 0, 9)]);
        Assert.Equal(9, await seam.Broker.GetCommittedOffsetAsync(group, topic, 0));
        Assert.Equal(["x"], await ReadAsync(seam.Broker, topic, 0));
    }

    [Theory(Timeout = 120_000), MemberData(nameof(All))]
    public async Task A_buffer_of_many_batches_keeps_its_order(SeamKind kind)
    {
        await using SeamBroker seam = await SeamBroker.StartAsync(kind);
        string topic = SeamBroker.Unique("many");
        await seam.Broker.CreateTopicAsync(topic, 1, isCompacted: false);
        await using ITransactionalProducer producer = await seam.Broker.OpenProducerAsync(SeamBroker.Unique("id"));
        string[] values = [.. Enumerable.Range(0, 40_000).Select(static number => $"{number,100}")];
        for (int round = 0; round < 2; round++) await CommitAsync(producer, "", [], (topic, 0, values));
        List<string> read = await ReadAsync(seam.Broker, topic, 0);
        Assert.Equal(80_000, read.Count);
        Assert.Equal(values, read.Take(40_000));
        Assert.Equal(values, read.Skip(40_000));
        // From the middle of a batch: what is asked for is there, whatever comes before it.
        var reader = new RecordReader(seam.Broker, topic, 0, 33_333);
        RecordBatch? batch = await reader.ReadAsync(64 * 1024, Wait);
        Assert.NotNull(batch);
        Assert.Equal(values[33_333], Encoding.UTF8.GetString(batch.Value(in batch.Entries[0])));
        batch.Release();
    }

    [Theory(Timeout = 120_000), MemberData(nameof(All))]
    public async Task A_read_at_the_end_waits_for_what_comes(SeamKind kind)
    {
        await using SeamBroker seam = await SeamBroker.StartAsync(kind);
        string topic = SeamBroker.Unique("waits");
        await seam.Broker.CreateTopicAsync(topic, 1, isCompacted: false);
        long began = Stopwatch.GetTimestamp();
        using (FetchedBatches none = await seam.Broker.FetchAsync(topic, 0, 0, 1024, Wait)) Assert.Equal(0, none.Length);
        Assert.True(Stopwatch.GetElapsedTime(began) > Wait / 2);
        await using ITransactionalProducer producer = await seam.Broker.OpenProducerAsync(SeamBroker.Unique("id"));
        Task<FetchedBatches> waiting = seam.Broker.FetchAsync(topic, 0, 0, 1024, TimeSpan.FromSeconds(20)).AsTask();
        await CommitAsync(producer, "", [], (topic, 0, ["came"]));
        using FetchedBatches came = await waiting;
        Assert.True(came.Length > 0);
    }

    [Theory(Timeout = 120_000), MemberData(nameof(All))]
    public async Task Who_takes_the_id_over_fences_whoever_had_it(SeamKind kind)
    {
        await using SeamBroker seam = await SeamBroker.StartAsync(kind);
        string topic = SeamBroker.Unique("fenced");
        string group = SeamBroker.Unique("group");
        string id = SeamBroker.Unique("id");
        await seam.Broker.CreateTopicAsync(topic, 1, isCompacted: false);
        await using ITransactionalProducer former = await seam.Broker.OpenProducerAsync(id);
        await CommitAsync(former, group, [new OffsetCommit(topic, 0, 1)], (topic, 0, ["first"]));
        await using ITransactionalProducer present = await seam.Broker.OpenProducerAsync(id);
        BrokerException fenced = await Assert.ThrowsAsync<BrokerException>(() => CommitAsync(former, group, [new OffsetCommit(topic, 0, 2)], (topic, 0, ["zombie"])));
        Assert.True(fenced.IsFenced);
        await CommitAsync(present, group, [new OffsetCommit(topic, 0, 3)], (topic, 0, ["second"]));
        await Assert.ThrowsAsync<BrokerException>(() => CommitAsync(former, group, [new OffsetCommit(topic, 0, 4)], (topic, 0, ["zombie"])));
        await CommitAsync(present, group, [new OffsetCommit(topic, 0, 5)], (topic, 0, ["third"]));
        Assert.Equal(["first", "second", "third"], await ReadAsync(seam.Broker, topic, 0));
        Assert.Equal(5, await seam.Broker.GetCommittedOffsetAsync(group, topic, 0));
    }

    [Theory(Timeout = 120_000), InlineData(SeamKind.Shipped), InlineData(SeamKind.ApacheKafka)]
    public async Task What_a_dead_producer_left_open_is_aborted_and_left_out(SeamKind kind)
    {
        await using SeamBroker seam = await SeamBroker.StartAsync(kind);
        string topic = SeamBroker.Unique("open");
        string id = SeamBroker.Unique("id");
        await seam.Broker.CreateTopicAsync(topic, 1, isCompacted: false);
        // A producer that wrote a record in a transaction and ended no more.
        await using (RawProducer dead = await RawProducer.OpenAsync(seam.Bootstrap!, id)) await dead.WriteAsync(topic, 0, "dropped");
        // The open transaction holds readers up until its end is known.
        Assert.Equal(0, (await seam.Broker.GetRangeAsync(topic, 0)).End);
        await using ITransactionalProducer next = await seam.Broker.OpenProducerAsync(id);
        await CommitAsync(next, "", [], (topic, 0, ["kept"]));
        using (FetchedBatches fetched = await seam.Broker.FetchAsync(topic, 0, 0, 1024 * 1024, Wait)) Assert.Equal(0, Assert.Single(fetched.Aborted).FirstOffset);
        Assert.Equal(["kept"], await ReadAsync(seam.Broker, topic, 0));
    }

    [Theory(Timeout = 120_000), MemberData(nameof(All))]
    public async Task Reading_behind_the_end_is_fatal_and_before_the_start_tells_the_start(SeamKind kind)
    {
        await using SeamBroker seam = await SeamBroker.StartAsync(kind);
        string topic = SeamBroker.Unique("range");
        await seam.Broker.CreateTopicAsync(topic, 1, isCompacted: false);
        await using ITransactionalProducer producer = await seam.Broker.OpenProducerAsync(SeamBroker.Unique("id"));
        await CommitAsync(producer, "", [], (topic, 0, ["a", "b", "c"]));
        BrokerException shorter = await Assert.ThrowsAsync<BrokerException>(async () => await seam.Broker.FetchAsync(topic, 0, 100, 1024, Wait));
        Assert.True(shorter.IsFatal);
        Assert.Contains("100", shorter.Message, StringComparison.Ordinal);
        if (seam.Bootstrap is null) return;
        string[] address = seam.Bootstrap.Split(':');
        await using (BrokerConnection connection = await BrokerConnection.ConnectAsync(address[0], int.Parse(address[1], System.Globalization.CultureInfo.InvariantCulture)))
            await connection.SendAsync(new DeleteRecordsRequest { TimeoutMs = 10_000, Topics = [new() { Name = topic, Partitions = [new() { PartitionIndex = 0, Offset = 2 }] }] });
        using FetchedBatches behind = await seam.Broker.FetchAsync(topic, 0, 0, 1024, Wait);
        Assert.Equal(2, behind.Start);
        Assert.Equal(["c"], await ReadAsync(seam.Broker, topic, 0));
    }

    [Theory(Timeout = 120_000), MemberData(nameof(All))]
    public async Task A_topic_that_is_not_there_is_told_by_name(SeamKind kind)
    {
        await using SeamBroker seam = await SeamBroker.StartAsync(kind);
        string topic = SeamBroker.Unique("missing");
        BrokerException missing = await Assert.ThrowsAsync<BrokerException>(async () => await seam.Broker.FetchAsync(topic, 0, 0, 1024, Wait));
        Assert.Contains(topic, missing.Message, StringComparison.Ordinal);
        Assert.True(missing.IsFatal);
    }

    private static async Task CommitAsync(ITransactionalProducer producer, string group, OffsetCommit[] offsets, params (string Topic, int Partition, string[] Values)[] writes)
    {
        var transaction = new BrokerTransaction { Group = group };
        transaction.Offsets.AddRange(offsets);
        foreach ((string topic, int partition, string[] values) in writes)
        {
            var records = new RecordBuffer();
            foreach (string value in values) records.Append(1_700_000_000_000, hasKey: false, default, hasValue: true, Encoding.UTF8.GetBytes(value), default, 0);
            transaction.Writes.Add(new PartitionWrite(topic, partition, records));
        }

        await producer.CommitAsync(transaction);
    }

    private static async Task<List<string>> ReadAsync(IBroker broker, string topic, int partition)
    {
        var values = new List<string>();
        await new RecordReader(broker, topic, partition).ReadToEndAsync((batch, entry) => values.Add(Encoding.UTF8.GetString(batch.Value(in entry))));
        return values;
    }
}
