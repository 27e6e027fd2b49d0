using System.Diagnostics;
using Pipelines.Broker.Log;
using Pipelines.Broker.Server.Faults;
using Pipelines.Broker.Server.Tests.Support;
using Pipelines.Broker.Transactions;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Server.Tests.Faults;

/// <summary>What a test can make go wrong.</summary>
public sealed class FaultTests
{
    private static readonly TopicPartition Partition = new("topic", 0);

    [Fact]
    public async Task A_request_can_be_seen()
    {
        await using EmbeddedBroker broker = await StartAsync();
        var seen = new List<InterceptedRequest>();
        using (broker.Faults.Observe(ApiKey.Produce, seen.Add))
        {
            await using BrokerConnection connection = await broker.ConnectAsync();
            Assert.Equal(ErrorCode.None, await connection.ProduceAsync("topic"));
            Assert.Equal(ErrorCode.None, await connection.ProduceAsync("topic"));
        }

        await using BrokerConnection unseen = await broker.ConnectAsync();
        await unseen.ProduceAsync("topic");
        Assert.Equal([1, 2], seen.Select(static request => request.Count));
        Assert.All(seen, static request => Assert.Equal("topic", Assert.IsType<ProduceRequest>(request.Message).TopicData.Single().Name));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task A_request_can_be_lost_before_it_is_served_or_its_answer_after(bool isServed, long left)
    {
        await using EmbeddedBroker broker = await StartAsync();
        using IDisposable fault = broker.Faults.Intercept(ApiKey.Produce, _ => isServed ? Fault.CutAfterwards : Fault.Cut);
        await using BrokerConnection connection = await broker.ConnectAsync();
        await Assert.ThrowsAsync<BrokerConnectionException>(() => connection.ProduceAsync("topic"));
        Assert.Equal(left, broker.Engine.FindOffsets(Partition)!.Value.HighWatermark);
    }

    [Fact]
    public async Task A_request_can_be_served_late_and_answered_late()
    {
        await using EmbeddedBroker broker = await StartAsync();
        foreach (Fault late in (Fault[])[Fault.Delay(TimeSpan.FromMilliseconds(200)), Fault.DelayAnswer(TimeSpan.FromMilliseconds(200))])
        {
            using IDisposable fault = broker.Faults.Intercept(ApiKey.Produce, _ => late);
            await using BrokerConnection connection = await broker.ConnectAsync();
            long began = Stopwatch.GetTimestamp();
            Assert.Equal(ErrorCode.None, await connection.ProduceAsync("topic"));
            Assert.True(Stopwatch.GetElapsedTime(began) >= TimeSpan.FromMilliseconds(190));
        }
    }

    [Fact]
    public async Task A_request_can_be_answered_by_the_test()
    {
        await using EmbeddedBroker broker = await StartAsync();
        using IDisposable fault = broker.Faults.Intercept(ApiKey.FindCoordinator, static request => request.Count > 1
            ? Fault.None
            : Fault.Answer(new FindCoordinatorResponse { ErrorCode = (short)ErrorCode.CoordinatorLoadInProgress, Host = "", NodeId = -1, Port = -1 }));
        await using BrokerConnection connection = await broker.ConnectAsync();
        Assert.Equal(ErrorCode.CoordinatorLoadInProgress, (ErrorCode)(await connection.SendAsync(new FindCoordinatorRequest { Key = "group" }, version: 3)).ErrorCode);
        Assert.Equal(ErrorCode.None, (ErrorCode)(await connection.SendAsync(new FindCoordinatorRequest { Key = "group" }, version: 3)).ErrorCode);
    }

    [Fact]
    public async Task A_batch_that_the_network_has_twice_is_there_once_when_its_producer_is_idempotent()
    {
        await using EmbeddedBroker broker = await StartAsync();
        using IDisposable fault = broker.Faults.Intercept(ApiKey.Produce, static _ => Fault.Twice);
        await using BrokerConnection connection = await broker.ConnectAsync();
        Assert.Equal(ErrorCode.None, await connection.ProduceAsync("topic"));
        Assert.Equal(2, broker.Engine.FindOffsets(Partition)!.Value.HighWatermark);
        ProducerIdentity producer = await broker.Engine.OpenProducerAsync();
        Assert.Equal(ErrorCode.None, await connection.ProduceAsync("topic", producer: new BatchProducer(producer.ProducerId, producer.Epoch, 0, IsTransactional: false)));
        Assert.Equal(3, broker.Engine.FindOffsets(Partition)!.Value.HighWatermark);
    }

    [Fact]
    public async Task A_broker_can_hang_for_one_client_and_serve_the_others()
    {
        await using EmbeddedBroker broker = await StartAsync();
        using IDisposable fault = broker.Faults.Intercept(ApiKey.Produce, static request => request.Count == 1 ? Fault.Hang : Fault.None);
        await using BrokerConnection hanging = await broker.ConnectAsync();
        await using BrokerConnection other = await broker.ConnectAsync();
        Task<ErrorCode> hung = hanging.ProduceAsync("topic");
        await Task.Delay(50);
        Assert.Equal(ErrorCode.None, await other.ProduceAsync("topic"));
        Assert.False(hung.IsCompleted);
        await hanging.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => hung);
    }

    [Fact]
    public async Task A_failed_flush_acknowledges_nothing_and_a_restart_brings_back_what_was_acknowledged()
    {
        await using EmbeddedBroker broker = await StartAsync();
        await using (BrokerConnection connection = await broker.ConnectAsync())
        {
            Assert.Equal(ErrorCode.None, await connection.ProduceAsync("topic"));
            broker.Disk.FailNextFlush();
            Assert.Equal(ErrorCode.KafkaStorageError, await connection.ProduceAsync("topic"));
        }

        Address address = broker.Address;
        await broker.RestartAsync();
        Assert.Equal(address, broker.Address);
        await using BrokerConnection again = await broker.ConnectAsync();
        Assert.InRange(broker.Engine.FindOffsets(Partition)!.Value.HighWatermark, 1, 2);
        Assert.Equal(ErrorCode.None, await again.ProduceAsync("topic"));
    }

    [Fact]
    public async Task A_producer_can_be_fenced()
    {
        await using EmbeddedBroker broker = await StartAsync();
        await using BrokerConnection connection = await broker.ConnectAsync();
        InitProducerIdResponse mine = await connection.SendAsync(new InitProducerIdRequest { TransactionalId = "id", TransactionTimeoutMs = 10_000, ProducerId = -1, ProducerEpoch = -1 });
        await broker.FenceProducerAsync("id");
        var batch = new BatchProducer(mine.ProducerId, mine.ProducerEpoch, 0, IsTransactional: true);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, await connection.ProduceAsync("topic", "id", batch));
    }

    private static async Task<EmbeddedBroker> StartAsync()
    {
        EmbeddedBroker broker = await EmbeddedBroker.StartAsync();
        Assert.Equal(ErrorCode.None, await broker.Engine.CreateTopicAsync("topic", 1));
        return broker;
    }
}
