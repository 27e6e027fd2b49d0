using Pipelines.Loads.Brokers;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;

namespace Pipelines.KafkaLoad.Loads;

/// <summary>Fills a topic with batches laid out here: a connection for each partition, a few requests under way on each.</summary>
internal sealed class PreparedTopic : IAsyncDisposable
{
    private const int UnderWay = 4;
    private const short ProduceVersion = 11;
    private static readonly BatchProducer Nobody = new(-1, -1, -1, IsTransactional: false);
    private readonly string topic;
    private readonly int batchBytes;
    private readonly BrokerConnection[] connections;
    private readonly RecordBatchWriter[] batches;
    private readonly Queue<Task<ProduceResponse>>[] answers;

    private PreparedTopic(string topic, int batchBytes, BrokerConnection[] connections)
    {
        this.topic = topic;
        this.batchBytes = batchBytes;
        this.connections = connections;
        batches = [.. connections.Select(static _ => new RecordBatchWriter())];
        answers = [.. connections.Select(static _ => new Queue<Task<ProduceResponse>>())];
    }

    /// <summary>Opens a topic that is there.</summary>
    internal static async Task<PreparedTopic> OpenAsync(BrokerProcess broker, string topic, int partitions, int batchBytes = 64 * 1024)
    {
        var connections = new BrokerConnection[partitions];
        for (int i = 0; i < partitions; i++) connections[i] = await broker.ConnectAsync();
        return new PreparedTopic(topic, batchBytes, connections);
    }

    /// <summary>Adds a record to its key's partition, chosen as Kafka's producers do; sends the batch when it is full.</summary>
    internal ValueTask AddAsync(long timestampMs, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        int partition = Murmur2.ToPartition(key, connections.Length);
        batches[partition].Add(timestampMs, key, value);
        return batches[partition].SizeBytes < batchBytes ? ValueTask.CompletedTask : new ValueTask(SendAsync(partition));
    }

    /// <summary>Sends what is not sent yet.</summary>
    internal async Task SendAllAsync()
    {
        for (int partition = 0; partition < connections.Length; partition++)
        {
            if (batches[partition].Count > 0) await SendAsync(partition);
        }
    }

    /// <summary>Sends what is not sent yet, and waits until the broker has everything.</summary>
    internal async Task FlushAsync()
    {
        await SendAllAsync();
        foreach (Queue<Task<ProduceResponse>> waiting in answers)
        {
            while (waiting.TryDequeue(out Task<ProduceResponse>? answer)) Check(await answer);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await FlushAsync();
        foreach (BrokerConnection connection in connections) await connection.DisposeAsync();
    }

    private async Task SendAsync(int partition)
    {
        byte[] batch = batches[partition].Complete(Nobody);
        if (answers[partition].Count >= UnderWay) Check(await answers[partition].Dequeue());
        answers[partition].Enqueue(connections[partition].SendAsync(
            new ProduceRequest { Acks = -1, TimeoutMs = 30_000, TopicData = [new() { Name = topic, PartitionData = [new() { Index = partition, Records = batch }] }] }, ProduceVersion));
    }

    private static void Check(ProduceResponse answer)
    {
        short error = answer.Responses[0].PartitionResponses[0].ErrorCode;
        if (error != 0) throw new InvalidOperationException($"A batch was refused with error {error}.");
    }
}
