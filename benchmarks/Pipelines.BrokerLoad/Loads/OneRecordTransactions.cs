using System.Diagnostics;
using Pipelines.Loads.Brokers;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;

namespace Pipelines.BrokerLoad.Loads;

/// <summary>Transactions of one record, one after the other, as a client of transaction version 2 makes them: Produce 12, EndTxn 5.</summary>
internal static class OneRecordTransactions
{
    private const short ConcurrentTransactions = 51;
    private const short NotCoordinator = 16;
    private const short CoordinatorNotAvailable = 15;
    private const short CoordinatorLoading = 14;

    internal static async Task<Measured> RunAsync(BrokerProcess broker, string topic, int transactions)
    {
        await broker.CreateTopicAsync(topic, 1);
        await using BrokerConnection connection = await broker.ConnectAsync();
        (long id, short epoch) = await OpenAsync(connection, topic);
        var latencies = new List<double>(transactions);
        var writer = new RecordBatchWriter();
        byte[] value = new byte[100];
        int sequence = 0;
        Measured measured = await Measured.OfAsync(broker, [latencies], async () =>
        {
            for (int i = 0; i < transactions; i++)
            {
                long began = Stopwatch.GetTimestamp();
                writer.Add(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), default, value, hasKey: false);
                byte[] batch = writer.Complete(new BatchProducer(id, epoch, sequence++, IsTransactional: true));
                var produce = new ProduceRequest { TransactionalId = topic, Acks = -1, TimeoutMs = 30_000, TopicData = [new() { Name = topic, PartitionData = [new() { Records = batch }] }] };
                await RetryAsync(async () => (await connection.SendAsync(produce, 12)).Responses[0].PartitionResponses[0].ErrorCode);
                EndTxnResponse end = null!;
                await RetryAsync(async () => (end = await connection.SendAsync(new EndTxnRequest { TransactionalId = topic, ProducerId = id, ProducerEpoch = epoch, Committed = true }, 5)).ErrorCode);
                if (end.ProducerEpoch != epoch || end.ProducerId != id) sequence = 0;
                (id, epoch) = (end.ProducerId, end.ProducerEpoch);
                latencies.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
        });
        return measured with { Records = transactions };
    }

    private static async Task<(long Id, short Epoch)> OpenAsync(BrokerConnection connection, string transactionalId)
    {
        InitProducerIdResponse answer = null!;
        await RetryAsync(async () =>
        {
            await connection.SendAsync(new FindCoordinatorRequest { KeyType = (sbyte)CoordinatorKind.Transaction, CoordinatorKeys = [transactionalId] });
            answer = await connection.SendAsync(new InitProducerIdRequest { TransactionalId = transactionalId, TransactionTimeoutMs = 60_000, ProducerId = -1, ProducerEpoch = -1 });
            return answer.ErrorCode;
        });
        return (answer.ProducerId, answer.ProducerEpoch);
    }

    /// <summary>A broker that still ends the transaction before says so, and is asked again; that time counts.</summary>
    private static async Task RetryAsync(Func<Task<short>> ask)
    {
        for (int tries = 0; ; tries++)
        {
            short error = await ask();
            if (error == 0) return;
            if (error is not (ConcurrentTransactions or NotCoordinator or CoordinatorNotAvailable or CoordinatorLoading) || tries > 20_000) throw new InvalidOperationException($"A transaction failed with error {error}.");
            await Task.Delay(1);
        }
    }
}
