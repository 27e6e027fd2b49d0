using Pipelines.Kafka;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Soak.Eos;

/// <summary>The cluster as a worker sees it from which protections of the seam were taken.</summary>
internal sealed class CarelessBroker(KafkaOptions options, EosProtection off) : IBroker
{
    private readonly KafkaBroker inner = new(options);
    private readonly KafkaBroker undecided = new(options with { ReadsUncommitted = true });
    private int producers;

    public ValueTask<int?> FindTopicAsync(string topic) => inner.FindTopicAsync(topic);

    public ValueTask<TopicPolicy?> DescribeTopicAsync(string topic) => inner.DescribeTopicAsync(topic);

    public ValueTask CreateTopicAsync(string topic, int partitions, bool isCompacted) => inner.CreateTopicAsync(topic, partitions, isCompacted);

    public ValueTask<bool> EndHangingAsync(string transactionalId, IReadOnlyCollection<string> topics) => inner.EndHangingAsync(transactionalId, topics);

    public ValueTask<OpenTransaction?> FindHolderAsync(string topic, int partition) => inner.FindHolderAsync(topic, partition);

    public ValueTask<OpenTransaction?> FindOffsetHolderAsync(string group) => inner.FindOffsetHolderAsync(group);

    public ValueTask DeleteRecordsAsync(IReadOnlyList<PartitionStart> starts) => inner.DeleteRecordsAsync(starts);

    public async ValueTask<PartitionRange> GetRangeAsync(string topic, int partition)
    {
        PartitionRange range = await inner.GetRangeAsync(topic, partition);
        return off.HasFlag(EosProtection.Settling) ? range with { Written = range.End } : range;
    }

    public ValueTask<FetchedBatches> FetchAsync(string topic, int partition, long offset, int maxBytes, TimeSpan maxWait)
    {
        EosProtection protection = topic.EndsWith(".changelog", StringComparison.Ordinal) ? EosProtection.Restores : topic == "soak-in" ? EosProtection.Inputs : EosProtection.None;
        return (protection != EosProtection.None && off.HasFlag(protection) ? undecided : inner).FetchAsync(topic, partition, offset, maxBytes, maxWait);
    }

    public async ValueTask<ITransactionalProducer> OpenProducerAsync(string transactionalId, IReadOnlyCollection<string>? topics = null)
    {
        string id = off.HasFlag(EosProtection.Fencing) ? $"{transactionalId}-{++producers}" : transactionalId;
        return new CarelessProducer(await inner.OpenProducerAsync(id, topics), off);
    }

    public ValueTask<long?> GetCommittedOffsetAsync(string group, string topic, int partition) =>
        // Workers ask for nothing but to wait for what is undecided.
        off.HasFlag(EosProtection.Settling) ? new(result: null) : inner.GetCommittedOffsetAsync(group, topic, partition);

    public ValueTask CommitOffsetsAsync(string group, IReadOnlyList<OffsetCommit> offsets) => inner.CommitOffsetsAsync(group, offsets);

    public ValueTask<IGroupMember> OpenMemberAsync(GroupSubscription subscription) => inner.OpenMemberAsync(subscription);

    public async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await undecided.DisposeAsync();
    }

    private sealed class CarelessProducer(ITransactionalProducer producer, EosProtection off) : ITransactionalProducer
    {
        public async ValueTask CommitAsync(BrokerTransaction transaction)
        {
            if (off.HasFlag(EosProtection.Generations)) transaction.Member = null;
            if (!off.HasFlag(EosProtection.Offsets))
            {
                await producer.CommitAsync(transaction);
                return;
            }

            var outputs = new BrokerTransaction();
            var progress = new BrokerTransaction { Group = transaction.Group, Member = transaction.Member };
            foreach (PartitionWrite write in transaction.Writes) (write.Topic.EndsWith(".progress", StringComparison.Ordinal) ? progress : outputs).Writes.Add(write);
            progress.Offsets.AddRange(transaction.Offsets);
            if (outputs.Writes.Count > 0) await producer.CommitAsync(outputs);
            // The gap that the protection closes, made wide enough to be hit.
            await Task.Delay(200);
            await producer.CommitAsync(progress);
        }

        public ValueTask DisposeAsync() => producer.DisposeAsync();
    }
}
