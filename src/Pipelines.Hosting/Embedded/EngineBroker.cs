using Microsoft.Extensions.Logging;
using Pipelines.Broker;
using Pipelines.Broker.Disk;
using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Topics;
using Pipelines.Broker.Transactions;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Hosting.Embedded;

/// <summary>The seam over the log engine in this process: direct calls, and fetched bytes are the engine's own buffers.</summary>
public sealed class EngineBroker : IBroker
{
    private readonly LogEngine engine;

    /// <summary>A broker over an engine, which it disposes of.</summary>
    public EngineBroker(LogEngine engine) => this.engine = engine;

    /// <summary>The engine.</summary>
    public LogEngine Engine => engine;

    /// <summary>Opens the engine on a folder.</summary>
    /// <exception cref="DataFolderLockedException">Another process has the folder.</exception>
    /// <exception cref="Broker.Recovery.CorruptLogException">A log is damaged where it was known to be durable.</exception>
    public static async Task<EngineBroker> OpenAsync(string folder, bool waitForDisk, TimeProvider clock, ILogger logger) =>
        new(await LogEngine.OpenAsync(new EngineOptions
        {
            Disk = new PhysicalDisk(folder),
            Durability = waitForDisk ? Durability.Fsync : Durability.Os,
            Clock = clock,
            OnDamage = message => HostLog.Damaged(logger, message),
            OnRecovery = message => HostLog.Recovered(logger, message),
        }));

    /// <inheritdoc/>
    public ValueTask<int?> FindTopicAsync(string topic) => new(engine.FindTopic(topic)?.Partitions);

    /// <inheritdoc/>
    public ValueTask<TopicPolicy?> DescribeTopicAsync(string topic) => new(engine.FindTopic(topic) is { } found
        // The engine deletes nothing that was written lately, whatever its time is.
        ? TopicPolicy.Read(TopicPolicy.Settings.Where(static name => TopicSettings.Find(name) is not null).ToDictionary(static name => name, name => engine.SettingOf(found, name))) with { CountsEventTime = false }
        : null);

    /// <inheritdoc/>
    public async ValueTask CreateTopicAsync(string topic, int partitions, bool isCompacted)
    {
        ErrorCode error = await Guard(() => engine.CreateTopicAsync(topic, partitions, TopicPolicy.ToKeep(isCompacted)));
        if (error is not (ErrorCode.None or ErrorCode.TopicAlreadyExists))
            throw new BrokerException($"Topic '{topic}' with {partitions} partitions cannot be created: {error}. A name has 1 to 249 letters, digits, '.', '_' and '-'; correct it.", isFatal: true);
    }

    /// <inheritdoc/>
    public ValueTask<PartitionRange> GetRangeAsync(string topic, int partition) =>
        engine.FindOffsets(new TopicPartition(topic, partition)) is { } offsets
            ? new(new PartitionRange(offsets.Start, offsets.Stable, offsets.HighWatermark))
            : throw Unknown(topic, partition);

    /// <inheritdoc/>
    public async ValueTask<FetchedBatches> FetchAsync(string topic, int partition, long offset, int maxBytes, TimeSpan maxWait)
    {
        FetchResult result = await Guard(() => engine.FetchAsync(new TopicPartition(topic, partition), offset, maxBytes, readCommitted: true, maxWait));
        if (result.Error == ErrorCode.UnknownTopicOrPartition) throw Unknown(topic, partition);
        if (result.Error == ErrorCode.CorruptMessage)
            throw new BrokerException($"{topic}/{partition} is damaged where offset {offset} is: the log says in which file. Restore that file from a backup.", isFatal: true);
        if (result.Error == ErrorCode.OffsetOutOfRange && offset > result.StartOffset)
            throw new BrokerException($"{topic}/{partition} ends at offset {result.HighWatermark}, but offset {offset} was asked for: the log is shorter than it was.", isFatal: true);
        AbortedTransaction[] aborted = result.Aborted.Count == 0
            ? []
            : [.. result.Aborted.Select(static range => new AbortedTransaction(range.ProducerId, range.FirstOffset))];
        return new FetchedBatches(result.Bytes, 0, result.Length, result.StartOffset, result.StableOffset, aborted, result);
    }

    /// <inheritdoc/>
    public async ValueTask<ITransactionalProducer> OpenProducerAsync(string transactionalId, IReadOnlyCollection<string>? topics = null)
    {
        var identity = await Guard(() => engine.OpenProducerAsync(transactionalId));
        return new EngineProducer(engine, transactionalId, identity.ProducerId, identity.Epoch);
    }

    /// <inheritdoc/>
    public ValueTask<bool> EndHangingAsync(string transactionalId, IReadOnlyCollection<string> topics) => new(false);

    /// <inheritdoc/>
    public async ValueTask<long?> GetCommittedOffsetAsync(string group, string topic, int partition)
    {
        (_, var offset) = await Guard(() => engine.FindOffsetAsync(group, new TopicPartition(topic, partition)));
        return offset?.Offset;
    }

    /// <inheritdoc/>
    public async ValueTask CommitOffsetsAsync(string group, IReadOnlyList<OffsetCommit> offsets)
    {
        ErrorCode error = await Guard(() => engine.CommitOffsetsAsync(
            group, [.. offsets.Select(static offset => new GroupOffset(new TopicPartition(offset.Topic, offset.Partition), offset.Offset))]));
        if (error != ErrorCode.None) throw new BrokerException($"Offsets of group '{group}' cannot be committed: {error}.", isFatal: false);
    }

    /// <inheritdoc/>
    public async ValueTask<OpenTransaction?> FindHolderAsync(string topic, int partition)
    {
        IReadOnlyList<ActiveProducer> producers = await Guard(() => engine.DescribeProducersAsync(new TopicPartition(topic, partition))) ?? [];
        ActiveProducer[] open = [.. producers.Where(static producer => producer.TransactionStart >= 0)];
        if (open.Length == 0) return null;
        ActiveProducer holder = open.MinBy(static producer => producer.TransactionStart);
        (_, IReadOnlyList<TransactionListing> listed) = await Guard(() => engine.ListTransactionsAsync(new TransactionFilter { ProducerIds = [holder.ProducerId] }));
        TransactionDescription? found = listed.Count == 0 ? null : await Guard(() => engine.DescribeTransactionAsync(listed[0].TransactionalId));
        return Describe(found, holder.ProducerId, holder.TransactionStart);
    }

    /// <inheritdoc/>
    public async ValueTask<OpenTransaction?> FindOffsetHolderAsync(string group)
    {
        TransactionDescription? oldest = null;
        (_, IReadOnlyList<TransactionListing> listed) = await Guard(() => engine.ListTransactionsAsync(new TransactionFilter { Phases = [TransactionPhase.Ongoing, TransactionPhase.PrepareCommit] }));
        foreach (TransactionListing one in listed)
        {
            if (await Guard(() => engine.DescribeTransactionAsync(one.TransactionalId)) is not { } found || !found.Groups.Contains(group, StringComparer.Ordinal)) continue;
            if (oldest is null || found.Began < oldest.Began) oldest = found;
        }

        return oldest is null ? null : Describe(oldest, oldest.ProducerId, firstOffset: null);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteRecordsAsync(IReadOnlyList<PartitionStart> starts)
    {
        foreach (PartitionStart start in starts)
        {
            (ErrorCode error, _) = await Guard(() => engine.DeleteRecordsAsync(new TopicPartition(start.Topic, start.Partition), start.Offset));
            if (error != ErrorCode.None) throw new BrokerException($"Records before offset {start.Offset} of {start.Topic}/{start.Partition} cannot be deleted: {error}.", isFatal: false);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IGroupMember> OpenMemberAsync(GroupSubscription subscription) => new(new EngineMember(engine, subscription));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => engine.DisposeAsync();

    internal static async Task<T> Guard<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (StorageFailedException failed)
        {
            throw new BrokerException(failed.Message, isFatal: true, failed);
        }
    }

    private OpenTransaction Describe(TransactionDescription? found, long producerId, long? firstOffset) =>
        new(producerId, firstOffset, found?.TransactionalId, found?.Began is { } began ? engine.Clock.GetUtcNow() - began : null, found?.Timeout);

    private static BrokerException Unknown(string topic, int partition) =>
        new($"There is no partition {topic}/{partition}. Create the topic, or correct the name.", isFatal: true);
}
