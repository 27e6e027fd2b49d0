using Pipelines.Broker;
using Pipelines.Broker.Log;
using Pipelines.Hosting.Embedded;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Simulation.World;

/// <summary>The broker as the worker sees it: commits fail now and then, before or after they happened, and protections can be switched off.</summary>
internal sealed class FaultyBroker(EngineBroker inner, TimeProvider clock, Random random, FaultCounts counts, double failureRate, Protection off) : IBroker
{
    public ValueTask<int?> FindTopicAsync(string topic) => inner.FindTopicAsync(topic);

    public ValueTask<TopicPolicy?> DescribeTopicAsync(string topic) => inner.DescribeTopicAsync(topic);

    public ValueTask CreateTopicAsync(string topic, int partitions, bool isCompacted) => inner.CreateTopicAsync(topic, partitions, isCompacted);

    public ValueTask<bool> EndHangingAsync(string transactionalId, IReadOnlyCollection<string> topics) => inner.EndHangingAsync(transactionalId, topics);

    public ValueTask<OpenTransaction?> FindHolderAsync(string topic, int partition) => inner.FindHolderAsync(topic, partition);

    public ValueTask<OpenTransaction?> FindOffsetHolderAsync(string group) => inner.FindOffsetHolderAsync(group);

    public ValueTask DeleteRecordsAsync(IReadOnlyList<PartitionStart> starts) => inner.DeleteRecordsAsync(starts);

    public ValueTask<PartitionRange> GetRangeAsync(string topic, int partition)
    {
        if (off != Protection.Visibility) return inner.GetRangeAsync(topic, partition);
        PartitionOffsets offsets = inner.Engine.FindOffsets(new TopicPartition(topic, partition))!.Value;
        return new(new PartitionRange(offsets.Start, offsets.HighWatermark, offsets.HighWatermark));
    }

    public async ValueTask<FetchedBatches> FetchAsync(string topic, int partition, long offset, int maxBytes, TimeSpan maxWait)
    {
        if (off != Protection.Visibility) return await inner.FetchAsync(topic, partition, offset, maxBytes, maxWait);
        FetchResult result = await inner.Engine.FetchAsync(new TopicPartition(topic, partition), offset, maxBytes, readCommitted: false, maxWait);
        return new FetchedBatches(result.Bytes, 0, result.Length, result.StartOffset, result.HighWatermark, [], result);
    }

    public async ValueTask<ITransactionalProducer> OpenProducerAsync(string transactionalId, IReadOnlyCollection<string>? topics = null) =>
        new FaultyProducer(off == Protection.Visibility ? await SteppedProducer.OpenAsync(inner, transactionalId, clock) : await inner.OpenProducerAsync(transactionalId, topics), this);

    public ValueTask<long?> GetCommittedOffsetAsync(string group, string topic, int partition) => inner.GetCommittedOffsetAsync(group, topic, partition);

    public ValueTask CommitOffsetsAsync(string group, IReadOnlyList<OffsetCommit> offsets) => inner.CommitOffsetsAsync(group, offsets);

    public ValueTask<IGroupMember> OpenMemberAsync(GroupSubscription subscription) => inner.OpenMemberAsync(subscription);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class FaultyProducer(ITransactionalProducer producer, FaultyBroker broker) : ITransactionalProducer
    {
        public async ValueTask CommitAsync(BrokerTransaction transaction)
        {
            if (broker.Happens()) throw Lost("before it was sent");
            if (broker.Off == Protection.Offsets) await CommitInTwoAsync(transaction);
            else await producer.CommitAsync(transaction);
            if (broker.Happens()) throw Lost("after it had happened");
        }

        public ValueTask DisposeAsync() => producer.DisposeAsync();

        /// <summary>What is switched off with <see cref="Protection.Offsets"/>: progress is no longer in the transaction of the outputs.</summary>
        private async ValueTask CommitInTwoAsync(BrokerTransaction transaction)
        {
            var outputs = new BrokerTransaction();
            var progress = new BrokerTransaction { Group = transaction.Group };
            foreach (PartitionWrite write in transaction.Writes)
                (write.Topic.EndsWith(".progress", StringComparison.Ordinal) ? progress : outputs).Writes.Add(write);
            progress.Offsets.AddRange(transaction.Offsets);
            if (outputs.Writes.Count > 0) await producer.CommitAsync(outputs);
            // The gap that the protection closes, made wide enough to be hit.
            await Task.Delay(TimeSpan.FromMilliseconds(200), broker.Clock);
            await producer.CommitAsync(progress);
        }

        private static BrokerException Lost(string when) => new($"The answer to the commit was lost {when}.", isFatal: false);
    }

    private Protection Off => off;

    private TimeProvider Clock => clock;

    private bool Happens()
    {
        if (random.NextDouble() >= failureRate) return false;
        counts.FailedCommits++;
        return true;
    }
}

/// <summary>A protection that can be switched off, to see that the checker notices.</summary>
internal enum Protection
{
    /// <summary>All protections are on.</summary>
    None = 0,

    /// <summary>Offsets are committed after the outputs, in a transaction of their own.</summary>
    Offsets = 1,

    /// <summary>A failed record, or a failed commit, is not undone.</summary>
    Undo = 2,

    /// <summary>Records are read before their transaction is decided.</summary>
    Visibility = 3,

    /// <summary>Writes are acknowledged before they are on the disk.</summary>
    Flush = 4,
}
