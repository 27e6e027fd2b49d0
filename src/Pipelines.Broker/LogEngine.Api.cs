using System.Collections.Concurrent;
using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Recovery;
using Pipelines.Broker.Topics;
using Pipelines.Broker.Transactions;

namespace Pipelines.Broker;

/// <content>What can be asked of the engine. Errors that Kafka has a code for are answers; a failed storage is a <see cref="StorageFailedException"/>.</content>
public sealed partial class LogEngine
{
    private static readonly IReadOnlyDictionary<string, string> NoSettings = new Dictionary<string, string>();
    private ITimer? timeouts;
    private ITimer? housekeeping;
    private readonly ConcurrentDictionary<(string File, long Position), byte> told = new();

    /// <summary>The clock that transactions and records are timed by.</summary>
    public TimeProvider Clock => options.Clock;

    /// <summary>A topic, or null.</summary>
    public TopicDescription? FindTopic(string name) => state.FindTopic(name) is { } topic ? Describe(topic) : null;

    /// <summary>The topic of an id, or null.</summary>
    public TopicDescription? FindTopic(Guid id) => state.FindTopic(id) is { } topic ? Describe(topic) : null;

    /// <summary>All topics, in no order.</summary>
    public IReadOnlyList<TopicDescription> Topics => [.. state.AllTopics().Select(Describe)];

    /// <summary>The value that a setting has for a topic: its own, or the usual one.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="setting">A name of <see cref="TopicSettings.All"/>.</param>
    public string SettingOf(TopicDescription topic, string setting)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return TopicSettings.ValueOf(setting, topic.Settings, Options);
    }

    /// <summary>Creates a topic; after a crash there is all of it or nothing.</summary>
    /// <param name="name">1 to 249 letters, digits, dots, underscores and hyphens.</param>
    /// <param name="partitions">1 to 10,000.</param>
    /// <param name="settings">Settings in Kafka's words, such as <c>cleanup.policy</c>.</param>
    public Task<ErrorCode> CreateTopicAsync(string name, int partitions, IReadOnlyDictionary<string, string>? settings = null) =>
        Ask(state => state.CreateTopic(name, partitions, settings ?? NoSettings));

    /// <summary>Deletes a topic, its records, and what groups have committed of it.</summary>
    /// <param name="name">The topic.</param>
    /// <param name="id">Its id, when a topic of the same name made meanwhile should stay.</param>
    public Task<ErrorCode> DeleteTopicAsync(string name, Guid? id = null) => Ask(state => state.DeleteTopic(name, id));

    /// <summary>Gives a topic more partitions.</summary>
    /// <param name="name">The topic.</param>
    /// <param name="partitions">How many in all.</param>
    public Task<ErrorCode> CreatePartitionsAsync(string name, int partitions) => Ask(state => state.CreatePartitions(name, partitions));

    /// <summary>Gives a group other settings; it need not be there yet.</summary>
    /// <param name="group">The group.</param>
    /// <param name="change">Makes the new settings of the present ones; null to leave them. Called on the engine's loop: it must not throw.</param>
    public Task<ErrorCode> AlterGroupAsync(string group, Func<IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, string>?> change) =>
        Ask(state => state.AlterGroup(group, change));

    /// <summary>The settings that a group has been given.</summary>
    public IReadOnlyDictionary<string, string> SettingsOfGroup(string group) => state.SettingsOfGroup(group);

    /// <summary>Gives a topic other settings.</summary>
    /// <param name="name">The topic.</param>
    /// <param name="change">Makes the new settings of the present ones; null to leave them. Called on the engine's loop: it must not throw.</param>
    public Task<ErrorCode> AlterTopicAsync(string name, Func<IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, string>?> change) =>
        Ask(state => state.AlterTopic(name, change));

    /// <summary>Deletes the records of a partition before an offset.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="offset">The offset; -1 for all that is served.</param>
    /// <returns>The partition's first offset from here on.</returns>
    public Task<(ErrorCode Error, long StartOffset)> DeleteRecordsAsync(TopicPartition partition, long offset) => Ask(state => state.DeleteRecords(partition, offset));

    /// <summary>The bytes that a partition has on the disk; -1 when there is no such partition.</summary>
    public long FindSize(TopicPartition partition) => state.FindLog(partition)?.Size ?? -1;

    /// <summary>Appends batches to a partition, all or none; answered when they are durable.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="batches">
    /// One or more whole batches of format v2 of one producer, one after the other. Base offsets and leader epochs are written into them;
    /// nobody else may touch the bytes until the answer is there. Compressed batches are kept as they are.
    /// </param>
    /// <param name="transactionalId">The transactional id that the producer says it has; null when it says none.</param>
    /// <param name="protocol">What the producer understands: whether a batch adds its partition to the transaction, or which error says that it is not in it.</param>
    public Task<AppendResult> AppendAsync(
        TopicPartition partition, Memory<byte> batches, string? transactionalId = null, TransactionProtocol protocol = TransactionProtocol.Classic) =>
        Ask(state => state.Append(partition, batches, transactionalId, protocol));

    /// <summary>Commits offsets of a group outside a transaction.</summary>
    public Task<ErrorCode> CommitOffsetsAsync(string group, IReadOnlyList<GroupOffset> offsets) => Ask(state => state.CommitOffsets(group, offsets));

    /// <summary>The committed offset of a group for a partition.</summary>
    /// <param name="group">The group.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="requireStable">True to be told <see cref="ErrorCode.UnstableOffsetCommit"/> while an open transaction holds a newer one (KIP-447).</param>
    public Task<(ErrorCode Error, GroupOffset? Offset)> FindOffsetAsync(string group, TopicPartition partition, bool requireStable = false) =>
        Ask(state => state.FindOffset(group, partition, requireStable));

    /// <summary>The committed offsets of a group.</summary>
    /// <param name="group">The group.</param>
    /// <param name="partitions">Which; all that it has when null.</param>
    /// <param name="requireStable">True to be told <see cref="ErrorCode.UnstableOffsetCommit"/> where an open transaction holds a newer one (KIP-447).</param>
    /// <returns>One answer for each partition asked for, without an offset where none is committed.</returns>
    public Task<IReadOnlyList<CommittedOffset>> FindOffsetsAsync(string group, IReadOnlyList<TopicPartition>? partitions, bool requireStable = false) =>
        Ask(state => state.FindOffsets(group, partitions, requireStable));

    /// <summary>The offsets that a partition holds, or null when there is no such partition.</summary>
    public PartitionOffsets? FindOffsets(TopicPartition partition) =>
        state.FindLog(partition)?.Offsets;

    /// <summary>The first record at or after a time that a reader may see, as offset and timestamp; -1 when there is none.</summary>
    /// <exception cref="DamagedBatchException">It may be in a batch that is not what was written any more.</exception>
    public (long Offset, long Timestamp) FindTime(TopicPartition partition, long timestampMs, bool readCommitted = false) =>
        state.FindLog(partition) is { } log ? FindTime(log, timestampMs, readCommitted) : (-1, -1);

    /// <summary>The first record that has the latest time of the partition, as offset and timestamp; -1 when there is none.</summary>
    /// <exception cref="DamagedBatchException">It may be in a batch that is not what was written any more.</exception>
    public (long Offset, long Timestamp) FindLatestTime(TopicPartition partition) =>
        state.FindLog(partition) is { } log && log.LatestTimestamp >= 0 ? FindTime(log, log.LatestTimestamp, readCommitted: false) : (-1, -1);

    /// <summary>Reads whole batches from an offset on; waits for data when there is none.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="offset">The first offset wanted; the first batch may begin before it.</param>
    /// <param name="maxBytes">About how much to read; one batch comes whatever its size.</param>
    /// <param name="readCommitted">True to end before the first open transaction.</param>
    /// <param name="maxWait">How long to wait.</param>
    /// <param name="minBytes">How many bytes to wait for.</param>
    /// <returns>
    /// What was read, empty when nothing came in time; dispose of it to give the buffer back. <see cref="ErrorCode.CorruptMessage"/> when the offset is in a batch that is not what was
    /// written any more.
    /// </returns>
    /// <exception cref="StorageFailedException">The storage has failed, or the engine was closed.</exception>
    public async Task<FetchResult> FetchAsync(TopicPartition partition, long offset, int maxBytes, bool readCommitted, TimeSpan maxWait, int minBytes = 1)
    {
        ThrowIfOver();
        if (state.FindLog(partition) is not { } log) return FetchResult.Of(ErrorCode.UnknownTopicOrPartition, null);
        long began = maxWait > TimeSpan.Zero ? options.Clock.GetTimestamp() : 0;
        while (true)
        {
            if (log.IsDeleted) return FetchResult.Of(ErrorCode.UnknownTopicOrPartition, null);
            if (offset < log.StartOffset || offset > log.HighWatermark) return FetchResult.Of(ErrorCode.OffsetOutOfRange, log);
            long limit = Limit(log, readCommitted);
            FetchResult? result = offset < limit ? Read(log, offset, limit, maxBytes, readCommitted) : null;
            if (result is not null && (result.Length >= minBytes || result.Length >= maxBytes || result.NextOffset < limit)) return result;
            TimeSpan left = maxWait > TimeSpan.Zero ? maxWait - options.Clock.GetElapsedTime(began) : TimeSpan.Zero;
            if (left <= TimeSpan.Zero) return result ?? FetchResult.Of(ErrorCode.None, log);
            result?.Dispose();
            await WaitAsync(log, Math.Max(offset, limit), readCommitted, left);
            ThrowIfOver();
        }
    }

    /// <summary>Says it once, however often it is read.</summary>
    private void Tell(DamagedBatchException damage)
    {
        if (told.TryAdd((damage.File, damage.Position), 0)) options.OnDamage?.Invoke(damage.Message);
    }

    private (long Offset, long Timestamp) FindTime(PartitionLog log, long timestampMs, bool readCommitted)
    {
        while (true)
        {
            try
            {
                return log.FindTime(timestampMs, Limit(log, readCommitted));
            }
            catch (ObjectDisposedException)
            {
                // A segment was taken out meanwhile.
                if (log.IsDeleted) return (-1, -1);
            }
            catch (DamagedBatchException damage)
            {
                Tell(damage);
                throw;
            }
        }
    }

    private FetchResult Read(PartitionLog log, long offset, long limit, int maxBytes, bool readCommitted)
    {
        FetchBuffer buffer = FetchBuffer.Rent(fetchMemory);
        try
        {
            int length = log.Read(offset, limit, fetchMemory.Limit(maxBytes), buffer, out long next);
            buffer.Charge(length);
            return new FetchResult(ErrorCode.None, buffer, length, log.Offsets, readCommitted ? log.AbortedIn(offset, next) : [])
            {
                NextOffset = next,
            };
        }
        catch (ObjectDisposedException) when (!isStopping && failure is null)
        {
            // The segment was taken out between being found and being read.
            buffer.Dispose();
            if (log.IsDeleted) return FetchResult.Of(ErrorCode.UnknownTopicOrPartition, null);
            return offset < log.StartOffset ? FetchResult.Of(ErrorCode.OffsetOutOfRange, log) : Read(log, offset, limit, maxBytes, readCommitted);
        }
        catch (DamagedBatchException damage)
        {
            buffer.Dispose();
            Tell(damage);
            return FetchResult.Of(ErrorCode.CorruptMessage, log);
        }
        catch (Exception broken)
        {
            buffer.Dispose();
            throw isStopping ? StorageFailedException.Closed() : StorageFailedException.From(broken);
        }
    }

    private async Task WaitAsync(PartitionLog log, long offset, bool readCommitted, TimeSpan maxWait)
    {
        var wait = new FetchWait(offset, readCommitted);
        log.AddWait(wait);
        // Looked at after it was added: an engine that ended before would not wake it.
        if (isStopping || failure is not null) wait.Wake();
        using (options.Clock.CreateTimer(static waiting => ((FetchWait)waiting!).Wake(), wait, maxWait, Timeout.InfiniteTimeSpan))
            await wait.Woken;
        log.RemoveWait(wait);
    }

    private void ThrowIfOver()
    {
        if (failure is { } reason) throw reason;
        if (isStopping) throw StorageFailedException.Closed();
    }

    private static long Limit(PartitionLog log, bool readCommitted) => readCommitted ? log.StableOffset : log.HighWatermark;

    private Task<T> Ask<T>(Func<EngineState, Outcome<T>> work)
    {
        var request = new EngineRequest<T>(work);
        if (!requests.Writer.TryWrite(request)) request.Fail(StorageFailedException.Closed());
        return request.Answer;
    }

    private void WatchTime()
    {
        timeouts = options.Clock.CreateTimer(
            _ => requests.Writer.TryWrite(new EngineRequest<int>(static state => state.AbortOverdue())), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        housekeeping = options.Clock.CreateTimer(
            _ => Housekeep(), null, options.HousekeepingInterval, options.HousekeepingInterval);
    }

    private static TopicDescription Describe(Topic topic) => new(topic.Name, topic.Id, topic.Partitions.Count, topic.Settings);
}

/// <summary>The offsets that a partition holds.</summary>
/// <param name="Start">The first.</param>
/// <param name="HighWatermark">The end of what is durable.</param>
/// <param name="Stable">The end of what a read-committed reader may see.</param>
public readonly record struct PartitionOffsets(long Start, long HighWatermark, long Stable);

/// <summary>A committed offset, or why it cannot be told.</summary>
/// <param name="Error">The error, or none.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The offset; null when none is committed.</param>
public readonly record struct CommittedOffset(ErrorCode Error, TopicPartition Partition, GroupOffset? Offset);
