using Pipelines.Execution;
using Pipelines.Protocol.Records;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Runtime.Clients;

/// <summary>Writes records in transactions, for programs beside the detectors: what is sent becomes visible all at once with its commit.</summary>
/// <remarks>Not safe for several threads. After a failed commit it is done with: open another, which fences this one, and read what became of it.</remarks>
public sealed class RecordWriter : IAsyncDisposable
{
    private readonly IBroker broker;
    private readonly ITransactionalProducer producer;
    private readonly TimeProvider clock;
    private readonly Dictionary<string, RecordBuffer[]> topics = new(StringComparer.Ordinal);
    private readonly BrokerTransaction transaction = new();
    private readonly Dictionary<string, RecordBuffer[]> spares = new(StringComparer.Ordinal);
    private Task? inFlight;
    private readonly EncodeBuffer key = new();
    private readonly EncodeBuffer value = new();
    private int nextKeyless;

    private RecordWriter(IBroker broker, ITransactionalProducer producer, TimeProvider clock)
    {
        this.broker = broker;
        this.producer = producer;
        this.clock = clock;
    }

    /// <summary>Opens a writer; whoever had the transactional id before is fenced.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="transactionalId">The transactional id.</param>
    /// <param name="clock">Dates records that have no event time.</param>
    /// <param name="topics">The topics that writers of the id write to, when those may be looked at for what a former one has left open (<see cref="IBroker.OpenProducerAsync"/>).</param>
    public static async Task<RecordWriter> OpenAsync(IBroker broker, string transactionalId, TimeProvider? clock = null, IReadOnlyCollection<string>? topics = null)
    {
        ArgumentNullException.ThrowIfNull(broker);
        return new RecordWriter(broker, await broker.OpenProducerAsync(transactionalId, topics), clock ?? TimeProvider.System);
    }

    /// <summary>The bytes waiting for the commit.</summary>
    public long PendingBytes { get; private set; }

    /// <summary>Makes a topic known to the writer, and creates it when it does not exist.</summary>
    public async Task PrepareAsync(string topic, int partitions = 1, bool isCompacted = false)
    {
        if (topics.ContainsKey(topic)) return;
        await broker.CreateTopicAsync(topic, partitions, isCompacted);
        int count = await broker.FindTopicAsync(topic) ?? partitions;
        var buffers = new RecordBuffer[count];
        for (int i = 0; i < count; i++) buffers[i] = new RecordBuffer();
        topics.Add(topic, buffers);
        spares.Add(topic, [.. buffers.Select(static _ => new RecordBuffer())]);
    }

    /// <summary>Adds a record to the transaction.</summary>
    /// <param name="record">The record; its key chooses the partition as Kafka's producers do.</param>
    /// <param name="timestamp">Its timestamp when it has no event time of its own; now unless said.</param>
    /// <exception cref="InvalidOperationException">The topic was not prepared.</exception>
    /// <exception cref="RecordTooLargeException">The record is too large.</exception>
    public void Send<T>(in T record, DateTimeOffset? timestamp = null)
        where T : struct, IRecord<T>
    {
        key.Clear();
        value.Clear();
        if (T.HasKey) T.WriteKey(in record, key);
        T.WriteValue(in record, value);
        long time = T.EventTime(in record, (timestamp ?? clock.GetUtcNow()).ToUnixTimeMilliseconds());
        Send(T.Schema.Topic, T.HasKey, key.Written, hasValue: true, value.Written, time);
    }

    /// <summary>Adds bytes to the transaction as they are.</summary>
    public void Send(string topic, bool hasKey, ReadOnlySpan<byte> key, bool hasValue, ReadOnlySpan<byte> value, long timestampMs)
    {
        if (!topics.TryGetValue(topic, out RecordBuffer[]? buffers))
            throw new InvalidOperationException($"Topic '{topic}' is not prepared; call {nameof(PrepareAsync)} for it first.");
        int partition = hasKey ? Murmur2.ToPartition(key, buffers.Length) : (nextKeyless++ & int.MaxValue) % buffers.Length;
        int before = buffers[partition].Length;
        buffers[partition].Append(timestampMs, hasKey, key, hasValue, value, headers: default, headerCount: 0);
        PendingBytes += buffers[partition].Length - before;
    }

    /// <summary>Commits everything sent so far, with offsets of a group when there are any; returns when it is durable and visible.</summary>
    /// <exception cref="BrokerException">It is not known whether it is committed: this transaction, or the one that was begun before it.</exception>
    public async ValueTask CommitAsync(string group = "", IReadOnlyList<OffsetCommit>? offsets = null)
    {
        await BeginCommitAsync(group, offsets);
        await SettleAsync();
    }

    /// <summary>
    /// Begins to commit everything sent since the last commit, and returns while the broker works on it: the next transaction is filled meanwhile.
    /// One transaction is in flight at most, so that they are committed in order; the call waits for the one before.
    /// </summary>
    /// <param name="group">The group that the offsets are committed for.</param>
    /// <param name="offsets">Offsets that become committed with the records.</param>
    /// <exception cref="BrokerException">
    /// It is not known whether the transaction that was begun before is committed. Failures of this one come from the next call, so end with <see cref="CommitAsync"/>.
    /// </exception>
    public async ValueTask BeginCommitAsync(string group = "", IReadOnlyList<OffsetCommit>? offsets = null)
    {
        await SettleAsync();
        foreach ((string topic, RecordBuffer[] buffers) in topics)
        {
            RecordBuffer[] spare = spares[topic];
            for (int i = 0; i < buffers.Length; i++)
            {
                if (buffers[i].Count == 0) continue;
                transaction.Writes.Add(new PartitionWrite(topic, i, buffers[i]));
                (buffers[i], spare[i]) = (spare[i], buffers[i]);
            }
        }

        transaction.Group = group;
        if (offsets is not null) transaction.Offsets.AddRange(offsets);
        PendingBytes = 0;
        if (transaction.Writes.Count > 0 || transaction.Offsets.Count > 0) inFlight = producer.CommitAsync(transaction).AsTask();
    }

    /// <summary>Waits for the transaction in flight. One that failed stays in flight, so every later call fails as well.</summary>
    private async ValueTask SettleAsync()
    {
        if (inFlight is null) return;
        await inFlight;
        inFlight = null;
        foreach (PartitionWrite write in transaction.Writes) write.Records.Clear();
        transaction.Clear();
    }

    /// <summary>Closes the producer once nothing is in flight any more; what was sent and not committed is dropped.</summary>
    public async ValueTask DisposeAsync()
    {
        // Its failure was, or would have been, the next call's.
        if (inFlight is not null) await ((Task)inFlight).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await producer.DisposeAsync();
    }
}
