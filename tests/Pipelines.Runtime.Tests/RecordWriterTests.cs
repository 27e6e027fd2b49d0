using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Clients;

namespace Pipelines.Runtime.Tests;

/// <summary>The writer over a broker whose commits end when the test says so.</summary>
public sealed class RecordWriterTests
{
    [Fact]
    public async Task The_next_transaction_fills_while_one_is_in_flight_and_waits_for_it()
    {
        await using var broker = new HeldBroker();
        await using RecordWriter writer = await RecordWriter.OpenAsync(broker, "writer");
        await writer.PrepareAsync("numbers");

        Send(writer, 1);
        await writer.BeginCommitAsync();
        Assert.Equal(0, writer.PendingBytes);
        Send(writer, 2);
        Send(writer, 3);
        ValueTask second = writer.CommitAsync();
        Assert.False(second.IsCompleted);
        Assert.Equal([1], broker.Counts);

        broker.Commits[0].SetResult();
        broker.Commits[1].SetResult();
        await second;
        Assert.Equal([1, 2], broker.Counts);

        Send(writer, 4);
        broker.Commits[2].SetResult();
        await writer.CommitAsync();
        Assert.Equal([1, 2, 1], broker.Counts);
    }

    [Fact]
    public async Task A_begun_commit_that_failed_fails_every_later_call_and_nothing_follows_it()
    {
        await using var broker = new HeldBroker();
        await using RecordWriter writer = await RecordWriter.OpenAsync(broker, "writer");
        await writer.PrepareAsync("numbers");

        Send(writer, 1);
        await writer.BeginCommitAsync();
        broker.Commits[0].SetException(new BrokerException("The disk is gone.", isFatal: false));
        Send(writer, 2);
        await Assert.ThrowsAsync<BrokerException>(async () => await writer.BeginCommitAsync());
        await Assert.ThrowsAsync<BrokerException>(async () => await writer.CommitAsync());
        Assert.Equal([1], broker.Counts);
    }

    private static void Send(RecordWriter writer, byte number) =>
        writer.Send("numbers", hasKey: true, [number], hasValue: true, [number], timestampMs: 1);

    private sealed class HeldBroker : IBroker, ITransactionalProducer
    {
        internal TaskCompletionSource[] Commits { get; } = [new(), new(), new()];

        /// <summary>The records of each transaction that was handed over.</summary>
        internal List<int> Counts { get; } = [];

        public ValueTask CommitAsync(BrokerTransaction transaction)
        {
            Counts.Add(transaction.Writes.Sum(static write => write.Records.Count));
            return new ValueTask(Commits[Counts.Count - 1].Task);
        }

        public ValueTask<int?> FindTopicAsync(string topic) => new(1);

        public ValueTask<TopicPolicy?> DescribeTopicAsync(string topic) => throw new NotSupportedException();

        public ValueTask CreateTopicAsync(string topic, int partitions, bool isCompacted) => ValueTask.CompletedTask;

        public ValueTask<ITransactionalProducer> OpenProducerAsync(string transactionalId, IReadOnlyCollection<string>? topics = null) => new(this);

        public ValueTask<bool> EndHangingAsync(string transactionalId, IReadOnlyCollection<string> topics) => throw new NotSupportedException();

        public ValueTask<OpenTransaction?> FindHolderAsync(string topic, int partition) => throw new NotSupportedException();

        public ValueTask<OpenTransaction?> FindOffsetHolderAsync(string group) => throw new NotSupportedException();

        public ValueTask DeleteRecordsAsync(IReadOnlyList<PartitionStart> starts) => throw new NotSupportedException();

        public ValueTask<PartitionRange> GetRangeAsync(string topic, int partition) => throw new NotSupportedException();

        public ValueTask<FetchedBatches> FetchAsync(string topic, int partition, long offset, int maxBytes, TimeSpan maxWait) => throw new NotSupportedException();

        public ValueTask<long?> GetCommittedOffsetAsync(string group, string topic, int partition) => throw new NotSupportedException();

        public ValueTask CommitOffsetsAsync(string group, IReadOnlyList<OffsetCommit> offsets) => throw new NotSupportedException();

        public ValueTask<IGroupMember> OpenMemberAsync(GroupSubscription subscription) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
