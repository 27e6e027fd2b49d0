using System.Buffers.Binary;
using System.Diagnostics;
using Pipelines.Loads;
using Pipelines.Loads.Brokers;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;

namespace Pipelines.BrokerLoad.Loads;

/// <summary>Sends batches that are laid out beforehand, and reads raw ones: what is measured is the broker.</summary>
internal static class PreparedBatches
{
    private const int RecordBytes = 100;
    private const int UnderWay = 5;
    private const short ProduceVersion = 11;
    private const short FetchVersion = 11;

    /// <summary>Idempotent produce with acks=all; one connection and one partition for each thread, five requests under way on each.</summary>
    internal static async Task<Measured> ProduceAsync(BrokerProcess broker, string topic, int connections, int batchBytes, long records)
    {
        await broker.CreateTopicAsync(topic, connections);
        var latencies = new List<double>[connections];
        return await Measured.OfAsync(broker, latencies, () => Threads.RunAsync(connections, async index =>
            latencies[index] = Produce(broker.Port, topic, index, await OpenProducerAsync(broker), batchBytes, records / connections)));
    }

    /// <summary>Reads everything, a connection and a partition for each thread, a request at a time, up to 1 MiB each.</summary>
    internal static async Task<Measured> FetchAsync(BrokerProcess broker, string topic, int connections)
    {
        long[] records = new long[connections];
        var latencies = new List<double>[connections];
        Measured measured = await Measured.OfAsync(broker, latencies, () => Threads.RunAsync(connections, index =>
        {
            (records[index], latencies[index]) = Fetch(broker.Port, topic, index);
            return Task.CompletedTask;
        }));
        return measured with { Records = records.Sum() };
    }

    private static async Task<(long Id, short Epoch)> OpenProducerAsync(BrokerProcess broker)
    {
        await using BrokerConnection connection = await broker.ConnectAsync();
        for (int tries = 0; ; tries++)
        {
            InitProducerIdResponse answer = await connection.SendAsync(new InitProducerIdRequest { TransactionalId = null, TransactionTimeoutMs = 60_000, ProducerId = -1, ProducerEpoch = -1 });
            if (answer.ErrorCode == 0) return (answer.ProducerId, answer.ProducerEpoch);
            if (tries > 100) throw new InvalidOperationException($"No producer id: error {answer.ErrorCode}.");
            await Task.Delay(100);
        }
    }

    private static List<double> Produce(int port, string topic, int partition, (long Id, short Epoch) producer, int batchBytes, long records)
    {
        (byte[] batch, int count) = Batch(producer, batchBytes);
        byte[] frame = RawConnection.Frame(
            new ProduceRequest { Acks = -1, TimeoutMs = 30_000, TopicData = [new() { Name = topic, PartitionData = [new() { Index = partition, Records = batch }] }] }, ApiKey.Produce, ProduceVersion);
        int at = frame.AsSpan().IndexOf(batch);
        Span<byte> sent = frame.AsSpan(at, batch.Length);
        var latencies = new List<double>((int)(records / count) + 1);
        var began = new Queue<long>();
        using var connection = new RawConnection(port);
        int sequence = 0;
        for (long left = records; left > 0 || began.Count > 0;)
        {
            if (left > 0 && began.Count < UnderWay)
            {
                // Only the sequence differs from batch to batch, and with it the checksum.
                BinaryPrimitives.WriteInt32BigEndian(sent[53..], sequence);
                BatchSeal.WriteChecksum(sent);
                sequence = (int)((sequence + (long)count) & int.MaxValue);
                began.Enqueue(Stopwatch.GetTimestamp());
                connection.Send(frame);
                left -= count;
                continue;
            }

            ProduceResponse answer = RawConnection.Read<ProduceResponse>(connection.Receive(), ProduceVersion);
            latencies.Add(Stopwatch.GetElapsedTime(began.Dequeue()).TotalMilliseconds);
            short error = answer.Responses[0].PartitionResponses[0].ErrorCode;
            if (error != 0) throw new InvalidOperationException($"A batch was refused with error {error}.");
        }

        return latencies;
    }

    private static (byte[] Batch, int Count) Batch((long Id, short Epoch) producer, int batchBytes)
    {
        var writer = new RecordBatchWriter();
        byte[] value = new byte[RecordBytes];
        new Random(1).NextBytes(value);
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        while (writer.SizeBytes + RecordBytes + 10 < batchBytes) writer.Add(now, default, value, hasKey: false);
        int count = writer.Count;
        return (writer.Complete(new BatchProducer(producer.Id, producer.Epoch, 0, IsTransactional: false)), count);
    }

    private static (long Records, List<double> Latencies) Fetch(int port, string topic, int partition)
    {
        var wanted = new FetchRequest.FetchPartition { Partition = partition, PartitionMaxBytes = 1024 * 1024 };
        var request = new FetchRequest { MaxWaitMs = 200, MinBytes = 1, MaxBytes = 50 * 1024 * 1024, SessionEpoch = -1, Topics = [new() { Topic = topic, Partitions = [wanted] }] };
        var latencies = new List<double>();
        using var connection = new RawConnection(port);
        long records = 0;
        while (true)
        {
            long began = Stopwatch.GetTimestamp();
            connection.Send(RawConnection.Frame(request, ApiKey.Fetch, FetchVersion));
            FetchResponse.PartitionData answer = RawConnection.Read<FetchResponse>(connection.Receive(), FetchVersion).Responses[0].Partitions[0];
            if (answer.ErrorCode != 0) throw new InvalidOperationException($"A fetch was refused with error {answer.ErrorCode}.");
            latencies.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            foreach (RecordBatchHeader header in new RawBatches(answer.Records is { } bytes ? bytes.Span : default))
            {
                if (!header.IsControl) records += header.RecordCount;
                wanted.FetchOffset = header.NextOffset;
            }

            if (wanted.FetchOffset >= answer.HighWatermark) return (records, latencies);
        }
    }
}
