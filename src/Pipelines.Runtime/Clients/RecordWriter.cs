using Pipelines.Execution;
using Pipelines.Protocol.Records;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Runtime.Clients;

/// <summary>Writes records in transactions, for programs beside the detectors: what is sent becomes visible all at once with <see cref="CommitAsync"/>.</summary>
/// <remarks>Not safe for several threads. After a failed commit it is done with: open another, which fences this one, and read what became of it.</remarks>
public sealed class RecordWriter : IAsyncDisposable
{
    private readonly IBroker broker;
    private readonly ITransactionalProducer producer;
    private readonly TimeProvider clock;
    private readonly Dictionary<string, RecordBuffer[]> topics = new(StringComparer.Ordinal);
    private readonly BrokerTransaction transaction = new();
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
    public static async Task<RecordWriter> OpenAsync(IBroker broker, string transactionalId, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(broker);
        return new RecordWriter(broker, await broker.OpenProducerAsync(transactionalId), clock ?? TimeProvider.System);
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

    /// <summary>Commits everything sent since the last commit, with offsets of a group when there are any.</summary>
    /// <exception cref="BrokerException">It is not known whether it is committed.</exception>
    public async ValueTask CommitAsync(string group = "", IReadOnlyList<OffsetCommit>? offsets = null)
    {
        transaction.Clear();
        foreach ((string topic, RecordBuffer[] buffers) in topics)
        {
            for (int i = 0; i < buffers.Length; i++)
            {
                if (buffers[i].Count > 0) transaction.Writes.Add(new PartitionWrite(topic, i, buffers[i]));
            }
        }

        transaction.Group = group;
        if (offsets is not null) transaction.Offsets.AddRange(offsets);
        if (transaction.Writes.Count == 0 && transaction.Offsets.Count == 0) return;
        await producer.CommitAsync(transaction);
        foreach (PartitionWrite write in transaction.Writes) write.Records.Clear();
        PendingBytes = 0;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => producer.DisposeAsync();
}
