using System.Diagnostics;
using Pipelines.Loads.Brokers;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;

namespace Pipelines.KafkaLoad.Loads;

/// <summary>
/// Transactions as a worker makes them, and nothing besides: one batch for each partition, an offset of a group for each, and the end; the next begins a commit interval later.
/// Nobody reads, handles or keeps anything, so this is what the cluster takes for itself.
/// </summary>
internal sealed class BareTransactions(BrokerConnection connection, string topic, int partitions)
{
    private const string Name = "bare";
    private const int MostRecords = 4_000;
    private static readonly short[] Passing = [14, 15, 16, 51];
    private readonly RecordBatchWriter[] batches = [.. Enumerable.Range(0, partitions).Select(static _ => new RecordBatchWriter())];
    private long producerId;
    private short epoch;
    private long sent;

    /// <summary>Sends events at a rate, each with the time at which it was due.</summary>
    /// <returns>How many were sent, and the milliseconds that each step took at its 99th percentile.</returns>
    internal async Task<(long Sent, double Produce, double Offsets, double End)> RunAsync(long origin, TimeSpan interval, int rate, int accounts, TimeSpan length)
    {
        await OpenAsync();
        var random = new Random(1);
        var events = new Events();
        var produce = new List<double>();
        var offsets = new List<double>();
        var end = new List<double>();
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) is var elapsed && elapsed < length)
        {
            // No more than a batch can hold, when the cluster was long about the one before.
            long due = Math.Min((long)(elapsed.TotalSeconds * rate), sent + (MostRecords * partitions));
            long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            long late = Stopwatch.GetElapsedTime(origin, began).Ticks / TimeSpan.TicksPerMicrosecond;
            for (; sent < due; sent++) events.Add(batches, now, Events.FirstAccount + random.Next(accounts), late + (sent * 1_000_000 / rate));
            produce.Add(await TimedAsync(ProduceAsync));
            offsets.Add(await TimedAsync(AddOffsetsAsync));
            end.Add(await TimedAsync(EndAsync));
            await Task.Delay(interval);
        }

        return (sent, Late(produce), Late(offsets), Late(end));
    }

    private static async Task<double> TimedAsync(Func<Task> step)
    {
        long began = Stopwatch.GetTimestamp();
        await step();
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private static double Late(List<double> all)
    {
        all.Sort();
        return all[(int)(all.Count * 0.99)];
    }

    private Task OpenAsync() => RetryAsync(async () =>
    {
        await connection.SendAsync(new FindCoordinatorRequest { KeyType = (sbyte)CoordinatorKind.Transaction, CoordinatorKeys = [Name] });
        await connection.SendAsync(new FindCoordinatorRequest { KeyType = (sbyte)CoordinatorKind.Group, CoordinatorKeys = [Name] });
        InitProducerIdResponse answer = await connection.SendAsync(new InitProducerIdRequest { TransactionalId = Name, TransactionTimeoutMs = 60_000, ProducerId = -1, ProducerEpoch = -1 });
        (producerId, epoch) = (answer.ProducerId, answer.ProducerEpoch);
        return answer.ErrorCode;
    });

    private Task ProduceAsync()
    {
        var data = new List<ProduceRequest.PartitionProduceData>();
        for (int i = 0; i < partitions; i++)
        {
            if (batches[i].Count > 0) data.Add(new() { Index = i, Records = batches[i].Complete(new BatchProducer(producerId, epoch, 0, IsTransactional: true)) });
        }

        var left = new HashSet<int>(data.Select(static one => one.Index));
        return RetryAsync(async () =>
        {
            var request = new ProduceRequest { TransactionalId = Name, Acks = -1, TimeoutMs = 30_000, TopicData = [new() { Name = topic, PartitionData = [.. data.Where(one => left.Contains(one.Index))] }] };
            short error = 0;
            foreach (ProduceResponse.PartitionProduceResponse answer in left.Count == 0 ? [] : (await connection.SendAsync(request, 12)).Responses[0].PartitionResponses)
            {
                if (answer.ErrorCode == 0) left.Remove(answer.Index);
                else error = answer.ErrorCode;
            }

            return error;
        });
    }

    private Task AddOffsetsAsync() => RetryAsync(async () =>
    {
        TxnOffsetCommitResponse answer = await connection.SendAsync(
            new TxnOffsetCommitRequest
            {
                TransactionalId = Name,
                GroupId = Name,
                ProducerId = producerId,
                ProducerEpoch = epoch,
                GenerationId = -1,
                MemberId = "",
                Topics = [new() { Name = Events.Topic, Partitions = [.. Enumerable.Range(0, partitions).Select(index => new TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition { PartitionIndex = index, CommittedOffset = sent, CommittedLeaderEpoch = -1, CommittedMetadata = "" })] }],
            },
            5);
        return answer.Topics[0].Partitions.Select(static one => one.ErrorCode).FirstOrDefault(static error => error != 0);
    });

    private Task EndAsync() => RetryAsync(async () =>
    {
        EndTxnResponse answer = await connection.SendAsync(new EndTxnRequest { TransactionalId = Name, ProducerId = producerId, ProducerEpoch = epoch, Committed = true }, 5);
        if (answer.ErrorCode == 0) (producerId, epoch) = (answer.ProducerId, answer.ProducerEpoch);
        return answer.ErrorCode;
    });

    /// <summary>A broker that still ends the transaction before says so, and is asked again; that time counts.</summary>
    private static async Task RetryAsync(Func<Task<short>> ask)
    {
        for (int tries = 0; ; tries++)
        {
            short error = await ask();
            if (error == 0) return;
            if (!Passing.Contains(error) || tries > 20_000) throw new InvalidOperationException($"A transaction failed with error {error}.");
            await Task.Delay(1);
        }
    }
}
