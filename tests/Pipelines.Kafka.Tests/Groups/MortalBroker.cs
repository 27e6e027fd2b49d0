using Pipelines.Runtime.Brokers;

namespace Pipelines.Kafka.Tests.Groups;

/// <summary>A process's view of its broker that can stand still, as the process would under SIGSTOP, or end, as it would under SIGKILL.</summary>
internal sealed class MortalBroker(IBroker inner) : IBroker
{
    private TaskCompletionSource? standstill;
    private bool isDead;
    private MortalMember? member;

    /// <summary>Nothing is said to the broker any more: no heartbeat, no commit.</summary>
    public async Task StandStillAsync()
    {
        standstill = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await member!.FallSilentAsync();
    }

    /// <summary>The process goes on as if nothing had been, with what it had been about to commit.</summary>
    public void GoOn() => standstill?.SetResult();

    /// <summary>Nothing is said to the broker any more, not even goodbye.</summary>
    public async Task DieAsync()
    {
        isDead = true;
        await member!.FallSilentAsync();
    }

    public ValueTask<int?> FindTopicAsync(string topic) => inner.FindTopicAsync(topic);

    public ValueTask<TopicPolicy?> DescribeTopicAsync(string topic) => inner.DescribeTopicAsync(topic);

    public ValueTask CreateTopicAsync(string topic, int partitions, bool isCompacted) => inner.CreateTopicAsync(topic, partitions, isCompacted);

    public ValueTask<bool> EndHangingAsync(string transactionalId, IReadOnlyCollection<string> topics) => inner.EndHangingAsync(transactionalId, topics);

    public ValueTask<OpenTransaction?> FindHolderAsync(string topic, int partition) => inner.FindHolderAsync(topic, partition);

    public ValueTask<OpenTransaction?> FindOffsetHolderAsync(string group) => inner.FindOffsetHolderAsync(group);

    public ValueTask DeleteRecordsAsync(IReadOnlyList<PartitionStart> starts) => inner.DeleteRecordsAsync(starts);

    public ValueTask<PartitionRange> GetRangeAsync(string topic, int partition) => inner.GetRangeAsync(topic, partition);

    public ValueTask<FetchedBatches> FetchAsync(string topic, int partition, long offset, int maxBytes, TimeSpan maxWait) => inner.FetchAsync(topic, partition, offset, maxBytes, maxWait);

    public async ValueTask<ITransactionalProducer> OpenProducerAsync(string transactionalId, IReadOnlyCollection<string>? topics = null) => new MortalProducer(this, await inner.OpenProducerAsync(transactionalId, topics));

    public ValueTask<long?> GetCommittedOffsetAsync(string group, string topic, int partition) => inner.GetCommittedOffsetAsync(group, topic, partition);

    public ValueTask CommitOffsetsAsync(string group, IReadOnlyList<OffsetCommit> offsets) => inner.CommitOffsetsAsync(group, offsets);

    public async ValueTask<IGroupMember> OpenMemberAsync(GroupSubscription subscription) =>
        member = new MortalMember(this, await inner.OpenMemberAsync(subscription), () => inner.OpenMemberAsync(subscription));

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class MortalProducer(MortalBroker broker, ITransactionalProducer producer) : ITransactionalProducer
    {
        public async ValueTask CommitAsync(BrokerTransaction transaction)
        {
            if (broker.standstill is { } wait) await wait.Task;
            if (broker.isDead) throw new BrokerException("The process is dead.", isFatal: true);
            transaction.Member = (transaction.Member as MortalMember)?.Inner;
            await producer.CommitAsync(transaction);
        }

        public ValueTask DisposeAsync() => producer.DisposeAsync();
    }

    private sealed class MortalMember : IGroupMember
    {
        private readonly MortalBroker broker;
        private readonly IGroupMember first;
        private readonly Func<ValueTask<IGroupMember>> open;
        private readonly TaskCompletionSource<bool> woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool isSilent;

        internal MortalMember(MortalBroker broker, IGroupMember first, Func<ValueTask<IGroupMember>> open)
        {
            this.broker = broker;
            this.first = first;
            this.open = open;
            Inner = first;
            Name = first.Name;
        }

        internal IGroupMember Inner { get; private set; }

        public string Name { get; }

        public async ValueTask<IReadOnlyList<PartitionId>?> JoinAsync(IReadOnlyCollection<PartitionId> held)
        {
            // The membership that fell silent is over; the process knows only when it hears so, and is another member then.
            if (isSilent && ReferenceEquals(Inner, first)) Inner = await open();
            return await Inner.JoinAsync(held);
        }

        public async ValueTask<bool> ChangedAsync()
        {
            if (!ReferenceEquals(Inner, first)) return await Inner.ChangedAsync();
            bool changed = await first.ChangedAsync();
            // Closing the silent member woke it, which the process knows nothing of.
            return isSilent ? await woken.Task : changed;
        }

        public void Lose()
        {
            woken.TrySetResult(false);
            Inner.Lose();
        }

        public async ValueTask LeaveAsync()
        {
            woken.TrySetResult(true);
            if (!broker.isDead) await Inner.LeaveAsync();
        }

        public ValueTask DisposeAsync() => Inner.DisposeAsync();

        internal async Task FallSilentAsync()
        {
            isSilent = true;
            await first.DisposeAsync();
        }
    }
}
