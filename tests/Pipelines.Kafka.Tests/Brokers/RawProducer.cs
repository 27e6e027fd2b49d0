using System.Globalization;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;

namespace Pipelines.Kafka.Tests.Brokers;

/// <summary>A producer that sends the requests of a transaction one by one, also those that no client should.</summary>
internal sealed class RawProducer(BrokerConnection connection, string id, InitProducerIdResponse opened) : IAsyncDisposable
{
    private const short Implicit = 12;
    private const short Explicit = 11;

    /// <summary>Takes the transactional id over.</summary>
    public static async Task<RawProducer> OpenAsync(string bootstrap, string id)
    {
        string[] address = bootstrap.Split(':');
        BrokerConnection connection = await BrokerConnection.ConnectAsync(address[0], int.Parse(address[1], CultureInfo.InvariantCulture));
        for (int tries = 0; tries < 100; tries++)
        {
            await connection.SendAsync(new FindCoordinatorRequest { KeyType = (sbyte)CoordinatorKind.Transaction, CoordinatorKeys = [id] });
            InitProducerIdResponse opened = await connection.SendAsync(new InitProducerIdRequest { TransactionalId = id, TransactionTimeoutMs = 60_000, ProducerId = -1, ProducerEpoch = -1 });
            if (opened.ErrorCode == 0) return new RawProducer(connection, id, opened);
            await Task.Delay(50);
        }

        throw new InvalidOperationException($"'{id}' could not be opened.");
    }

    /// <summary>Writes a record to a partition, which is added to the transaction, or is not.</summary>
    public async Task WriteAsync(string topic, int partition, string value, bool isAdded = true)
    {
        var writer = new RecordBatchWriter();
        writer.Add(1_700_000_000_000, default, System.Text.Encoding.UTF8.GetBytes(value), hasKey: false);
        ProduceResponse produced = await connection.SendAsync(
            new ProduceRequest
            {
                Acks = -1,
                TimeoutMs = 10_000,
                TransactionalId = id,
                TopicData =
                [
                    new()
                    {
                        Name = topic,
                        PartitionData = [new() { Index = partition, Records = writer.Complete(new BatchProducer(opened.ProducerId, opened.ProducerEpoch, 0, IsTransactional: true)) }],
                    },
                ],
            },
            isAdded ? Implicit : Explicit);
        Assert.Equal(0, produced.Responses[0].PartitionResponses[0].ErrorCode);
    }

    /// <summary>Ends the transaction where it was added; returns when its end is written there.</summary>
    public async Task EndAsync(bool commits)
    {
        EndTxnResponse ended = await connection.SendAsync(new EndTxnRequest { TransactionalId = id, ProducerId = opened.ProducerId, ProducerEpoch = opened.ProducerEpoch, Committed = commits }, 5);
        Assert.Equal(0, ended.ErrorCode);
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
