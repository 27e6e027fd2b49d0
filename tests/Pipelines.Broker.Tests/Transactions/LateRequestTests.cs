using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Tests.Support;
using Pipelines.Broker.Transactions;
using Pipelines.Protocol.Records;
using static Pipelines.Broker.Tests.Support.Engines;

namespace Pipelines.Broker.Tests.Transactions;

/// <summary>What comes over a connection that the producer has left: KAFKA-17754.</summary>
public sealed class LateRequestTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_late_end_of_one_transaction_does_not_end_the_next(bool lateCommit)
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        Client client = await Client.OpenAsync(engine, connection: 5);
        await client.SendAsync(A0, "first", connection: 5);
        // Its end over connection 5 is on its way; the client asks again over 6, and goes on there.
        Assert.Equal(ErrorCode.None, await client.EndAsync(lateCommit, connection: 6));
        await client.SendAsync(A0, "second, half", connection: 6);
        Assert.Equal(ErrorCode.NotCoordinator, await client.EndAsync(lateCommit, connection: 5));
        await client.SendAsync(A0, "second, whole", connection: 6);
        Assert.Equal(ErrorCode.NotCoordinator, await engine.AddGroupAsync("id", client.Id, client.Epoch, "g", connection: 5));
        Assert.Equal(ErrorCode.NotCoordinator, await engine.AddPartitionsAsync("id", client.Id, client.Epoch, [A1], connection: 5));
        Assert.Equal(ErrorCode.None, await client.EndAsync(!lateCommit, connection: 6));
        Assert.Equal(lateCommit ? ["first"] : ["second, half", "second, whole"], await Batches.ValuesAsync(engine, A0));
    }

    [Fact]
    public async Task Without_the_rule_a_late_end_tears_the_next_transaction()
    {
        await using LogEngine engine = await LogEngine.OpenAsync(new EngineOptions { Disk = new CrashDisk(), Off = Protections.LeftConnections });
        Assert.Equal(ErrorCode.None, await engine.CreateTopicAsync("a", 2));
        Client client = await Client.OpenAsync(engine, connection: 5);
        await client.SendAsync(A0, "first", connection: 5);
        Assert.Equal(ErrorCode.None, await client.EndAsync(commit: true, connection: 6));
        await client.SendAsync(A0, "half", connection: 6);
        Assert.Equal(ErrorCode.None, await client.EndAsync(commit: true, connection: 5));
        Assert.Equal(["first", "half"], await Batches.ValuesAsync(engine, A0));
    }

    [Fact]
    public async Task Late_offsets_do_not_join_the_next_transaction()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        Client client = await Client.OpenAsync(engine, connection: 9);
        Assert.Equal(ErrorCode.None, await engine.AddGroupAsync("id", client.Id, client.Epoch, "g", connection: 9));
        // Offsets go to the group's coordinator, over a connection of their own: older than the other, and that is right.
        Assert.Equal(ErrorCode.None, await Offsets(1, connection: 4));
        Assert.Equal(ErrorCode.None, await client.EndAsync(commit: true, connection: 9));
        Assert.Equal(ErrorCode.None, await engine.AddGroupAsync("id", client.Id, client.Epoch, "g", connection: 9));
        Assert.Equal(ErrorCode.None, await Offsets(2, connection: 10));
        Assert.Equal(ErrorCode.NotCoordinator, await Offsets(1, connection: 4));
        Assert.Equal(ErrorCode.None, await client.EndAsync(commit: true, connection: 9));
        Assert.Equal(2, (await engine.FindOffsetAsync("g", A1)).Offset?.Offset);

        Task<ErrorCode> Offsets(long offset, long connection) =>
            engine.AddOffsetsAsync("id", client.Id, client.Epoch, "g", [new GroupOffset(A1, offset)], TransactionProtocol.Classic, connection);
    }

    [Fact]
    public async Task Another_producer_may_take_the_id_over_an_older_connection()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        Client first = await Client.OpenAsync(engine, connection: 8);
        await first.SendAsync(A0, "gone", connection: 8);
        Client second = await Client.OpenAsync(engine, connection: 3);
        Assert.Equal(ErrorCode.ProducerFenced, await first.EndAsync(commit: true, connection: 8));
        await second.SendAsync(A0, "kept", connection: 3);
        // The zombie comes back over a new connection, which silences nobody.
        Assert.Equal(ErrorCode.ProducerFenced, await first.EndAsync(commit: true, connection: 11));
        Assert.Equal(ErrorCode.None, await second.EndAsync(commit: true, connection: 3));
        Assert.Equal(["kept"], await Batches.ValuesAsync(engine, A0));
    }

    [Fact]
    public async Task A_call_from_this_process_is_heard_whatever_the_connections()
    {
        await using LogEngine engine = await WithTopicsAsync(new CrashDisk());
        Client client = await Client.OpenAsync(engine, connection: 8);
        await client.SendAsync(A0, "1", connection: 0);
        Assert.Equal(ErrorCode.None, await client.EndAsync(commit: true, connection: 0));
        await client.SendAsync(A0, "2", connection: 8);
        Assert.Equal(ErrorCode.None, await client.EndAsync(commit: true, connection: 8));
        Assert.Equal(["1", "2"], await Batches.ValuesAsync(engine, A0));
    }

    /// <summary>A client of the older versions that may speak over any connection.</summary>
    private sealed class Client(LogEngine engine, long id, short epoch)
    {
        private int sequence;

        internal long Id => id;

        internal short Epoch => epoch;

        internal static async Task<Client> OpenAsync(LogEngine engine, long connection)
        {
            ProducerIdentity identity = await engine.OpenProducerAsync("id", connection: connection);
            Assert.Equal(ErrorCode.None, identity.Error);
            return new Client(engine, identity.ProducerId, identity.Epoch);
        }

        internal async Task SendAsync(TopicPartition partition, string value, long connection)
        {
            Assert.Equal(ErrorCode.None, await engine.AddPartitionsAsync("id", id, epoch, [partition], connection));
            byte[] batch = Batches.Of(new BatchProducer(id, epoch, sequence++, IsTransactional: true), value);
            Assert.Equal(ErrorCode.None, (await engine.AppendAsync(partition, batch, "id")).Error);
        }

        internal Task<ErrorCode> EndAsync(bool commit, long connection) => engine.EndTransactionAsync("id", id, epoch, commit, connection);
    }
}
