using System.Runtime.InteropServices;
using Pipelines.Broker;
using Pipelines.Broker.Log;
using Pipelines.Cli.Cluster;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;

namespace Pipelines.Cli.Records;

/// <summary>Sends records to one topic: idempotent, acknowledged by all replicas, in batches, one request to a broker at a time.</summary>
/// <remarks>A request that may have failed is sent again with the same sequence numbers, so nothing is written twice.</remarks>
internal sealed class RecordProducer(Session session, TopicView topics, string topic, ProducerId producer, int? fixedPartition)
{
    // Below the usual limits of a batch (1 MiB) and of a request.
    private const int BatchBytes = 512 * 1024;
    private const int RequestBytes = 4 * 1024 * 1024;
    private const int Attempts = 10;

    private readonly Dictionary<int, RecordBatchWriter> open = [];
    private readonly Dictionary<int, int> sequences = [];
    private readonly int partitions = topics.CountOf(topic);
    private TopicView view = topics;
    private Task sending = Task.CompletedTask;
    private int openBytes;
    private int withoutKey = Random.Shared.Next(int.MaxValue);

    /// <summary>Records that are acknowledged.</summary>
    internal long Acknowledged { get; private set; }

    /// <summary>Adds a record, and sends what is complete.</summary>
    /// <exception cref="CommandException">Records that were added earlier were refused.</exception>
    internal async ValueTask AddAsync(byte[]? key, byte[]? value, RecordHeader[] headers, long timestampMs)
    {
        int partition = PartitionOf(key);
        int size = 64 + (key?.Length ?? 0) + (value?.Length ?? 0) + headers.Sum(static header => 8 + header.Name.Length + (header.Value?.Length ?? 0));
        ref RecordBatchWriter? batch = ref CollectionsMarshal.GetValueRefOrAddDefault(open, partition, out _);
        batch ??= new RecordBatchWriter();
        bool isFull = batch.Count > 0 && batch.SizeBytes + size > BatchBytes;
        if (isFull || openBytes > RequestBytes) await SendAsync();
        open[partition].Add(timestampMs, key, value, headers, key is not null, value is not null);
        openBytes += size;
    }

    /// <summary>Begins to send what was added, once what was sent before is acknowledged.</summary>
    internal async Task SendAsync()
    {
        await sending;
        if (openBytes == 0) return;
        var batches = new Dictionary<int, (byte[] Bytes, int Count)>();
        foreach ((int partition, RecordBatchWriter writer) in open)
        {
            if (writer.Count == 0) continue;
            int count = writer.Count;
            int sequence = sequences.GetValueOrDefault(partition);
            batches[partition] = (writer.Complete(new BatchProducer(producer.Id, producer.Epoch, sequence, producer.TransactionalId is not null)), count);
            // After the greatest sequence comes 0.
            sequences[partition] = (int)(((long)sequence + count) & int.MaxValue);
        }

        openBytes = 0;
        withoutKey = (withoutKey + 1) & int.MaxValue;
        sending = DeliverAsync(batches);
    }

    /// <summary>Sends all that was added and waits for it.</summary>
    internal async Task FlushAsync()
    {
        await SendAsync();
        await sending;
    }

    // Records without a key go to one partition for a batch, then to the next.
    private int PartitionOf(byte[]? key) => fixedPartition ?? (key is null ? withoutKey % partitions : Murmur2.ToPartition(key, partitions));

    private async Task DeliverAsync(Dictionary<int, (byte[] Bytes, int Count)> batches)
    {
        await producer.AddPartitionsAsync(session, batches.Keys.Select(partition => new TopicPartition(topic, partition)));
        for (int attempt = 1; batches.Count > 0; attempt++)
        {
            await Task.WhenAll([.. batches.GroupBy(batch => view.LeaderOf(new(topic, batch.Key))).Select(led => ProduceAsync(led.Key, [.. led], batches, attempt == Attempts))]);
            if (batches.Count == 0) return;
            await Task.Delay(TimeSpan.FromMilliseconds(100 * attempt), session.Terminal.Time, session.Stop);
            view = await TopicView.OfAsync(session, [topic]);
        }
    }

    private async Task ProduceAsync(int leader, KeyValuePair<int, (byte[] Bytes, int Count)>[] led, Dictionary<int, (byte[] Bytes, int Count)> left, bool isLast)
    {
        var request = new ProduceRequest
        {
            TransactionalId = producer.TransactionalId,
            Acks = -1,
            TimeoutMs = 20_000,
            TopicData = [new() { Name = topic, PartitionData = [.. led.Select(static batch => new ProduceRequest.PartitionProduceData { Index = batch.Key, Records = batch.Value.Bytes })] }],
        };
        ProduceResponse answer;
        try
        {
            BrokerConnection connection = await session.Client.NodeAsync(leader, session.Stop);
            answer = await connection.SendAsync(request, Session.VersionAtMost(connection, ApiKey.Produce, ProducerId.LastProduceVersion), session.Stop);
        }
        catch (BrokerConnectionException) when (!isLast)
        {
            return;
        }

        foreach (ProduceResponse.PartitionProduceResponse partition in answer.Responses.SelectMany(static topic => topic.PartitionResponses))
        {
            bool isTaken = partition.ErrorCode is (short)ErrorCode.None or (short)ErrorCode.DuplicateSequenceNumber;
            bool mayPass = Errors.IsPassing(partition.ErrorCode) || partition.ErrorCode == (short)ErrorCode.UnknownTopicOrPartition;
            if (!isTaken && mayPass && !isLast) continue;
            if (!isTaken) Errors.Throw(partition.ErrorCode, $"Records for partition {partition.Index} of '{topic}'", partition.ErrorMessage);
            lock (left)
            {
                if (left.Remove(partition.Index, out (byte[] Bytes, int Count) batch)) Acknowledged += batch.Count;
            }
        }
    }
}
