using Pipelines.Broker.Server.Tests.Support;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Server.Tests.Requests;

public sealed class ProduceTests
{
    [Fact]
    public async Task A_codec_that_does_not_exist_is_refused_with_the_reason()
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync();
        await using BrokerConnection connection = await broker.ConnectAsync();
        Assert.Equal(ErrorCode.None, await connection.CreateTopicAsync("topic"));
        var writer = new RecordBatchWriter();
        writer.Add(1, "key"u8, "value"u8);
        byte[] batch = writer.Complete(BatchProducer.None);
        RecordBatchHeader.TryRead(batch, out RecordBatchHeader header);
        (header with { Attributes = BatchAttributes.CompressionMask }).Write(batch);
        BatchSeal.WriteChecksum(batch);
        foreach (short version in (short[])[7, 8])
        {
            ProduceResponse answer = await connection.SendAsync(new ProduceRequest
            {
                Acks = -1, TimeoutMs = 5000, TopicData = [new() { Name = "topic", PartitionData = [new() { Index = 0, Records = batch }] }],
            }, version);
            ProduceResponse.PartitionProduceResponse refused = answer.Responses.Single().PartitionResponses.Single();
            Assert.Equal((short)ErrorCode.UnsupportedCompressionType, refused.ErrorCode);
            // Before version 8 there is no room for it.
            Assert.Equal(version >= 8, refused.ErrorMessage?.Contains("codec that does not exist", StringComparison.Ordinal) ?? false);
        }

        Assert.Equal(ErrorCode.None, await connection.ProduceAsync("topic"));
    }
}
