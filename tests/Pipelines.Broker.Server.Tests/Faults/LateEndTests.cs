using Pipelines.Broker.Log;
using Pipelines.Broker.Server.Faults;
using Pipelines.Broker.Server.Tests.Support;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Server.Tests.Faults;

/// <summary>KAFKA-17754: the end of one transaction comes late, and must not end the next one. Over the wire, as a client from before KIP-890 speaks.</summary>
public sealed class LateEndTests
{
    private const string Id = "id";
    private const short ClassicProduce = 9;
    private const short ClassicEnd = 3;
    private static readonly TopicPartition Partition = new("topic", 0);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_late_end_of_one_transaction_does_not_end_the_next(bool late)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync();
        await broker.Engine.CreateTopicAsync("topic", 1);
        await using BrokerConnection first = await broker.ConnectAsync();
        InitProducerIdResponse producer = await first.SendAsync(new InitProducerIdRequest { TransactionalId = Id, TransactionTimeoutMs = 60_000, ProducerId = -1, ProducerEpoch = -1 });
        await SendAsync(first, producer, sequence: 0);

        // The end is held up on its way, and the client gives up waiting, and asks again over a new connection.
        var held = new TaskCompletionSource();
        using IDisposable fault = broker.Faults.Intercept(ApiKey.EndTxn, request =>
        {
            if (request.Count > 1) return Fault.None;
            held.SetResult();
            return Fault.Delay(TimeSpan.FromMilliseconds(500));
        });
        Task<ErrorCode> lateEnd = EndAsync(first, producer, late);
        await held.Task;
        await using BrokerConnection second = await broker.ConnectAsync();
        Assert.Equal(ErrorCode.None, await EndAsync(second, producer, late));

        // The next transaction is under way when the first end comes.
        await SendAsync(second, producer, sequence: 1);
        long open = broker.Engine.FindOffsets(Partition)!.Value.Stable;
        Assert.Equal(ErrorCode.NotCoordinator, await lateEnd);
        Assert.Equal(open, broker.Engine.FindOffsets(Partition)!.Value.Stable);
        Assert.Equal(ErrorCode.None, await EndAsync(second, producer, commit: true));
        PartitionOffsets offsets = broker.Engine.FindOffsets(Partition)!.Value;
        Assert.Equal(offsets.HighWatermark, offsets.Stable);
    }

    private static async Task SendAsync(BrokerConnection connection, InitProducerIdResponse producer, int sequence)
    {
        AddPartitionsToTxnResponse added = await connection.SendAsync(new AddPartitionsToTxnRequest
        {
            V3AndBelowTransactionalId = Id,
            V3AndBelowProducerId = producer.ProducerId,
            V3AndBelowProducerEpoch = producer.ProducerEpoch,
            V3AndBelowTopics = [new() { Name = "topic", Partitions = [0] }],
        }, version: 3);
        Assert.Equal(ErrorCode.None, (ErrorCode)added.ResultsByTopicV3AndBelow.Single().ResultsByPartition.Single().PartitionErrorCode);
        var batch = new RecordBatchWriter();
        batch.Add(1, "key"u8, "value"u8);
        ProduceResponse answer = await connection.SendAsync(new ProduceRequest
        {
            Acks = -1,
            TimeoutMs = 5000,
            TransactionalId = Id,
            TopicData = [new() { Name = "topic", PartitionData = [new() { Index = 0, Records = batch.Complete(new BatchProducer(producer.ProducerId, producer.ProducerEpoch, sequence, IsTransactional: true)) }] }],
        }, ClassicProduce);
        Assert.Equal(ErrorCode.None, (ErrorCode)answer.Responses.Single().PartitionResponses.Single().ErrorCode);
    }

    private static async Task<ErrorCode> EndAsync(BrokerConnection connection, InitProducerIdResponse producer, bool commit) => (ErrorCode)(await connection.SendAsync(
        new EndTxnRequest { TransactionalId = Id, ProducerId = producer.ProducerId, ProducerEpoch = producer.ProducerEpoch, Committed = commit }, ClassicEnd)).ErrorCode;
}
