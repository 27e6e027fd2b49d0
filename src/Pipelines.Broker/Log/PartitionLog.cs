using System.Buffers.Binary;
using Pipelines.Broker.Disk;
using Pipelines.Broker.Topics;
using Pipelines.Broker.Transactions;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Log;

/// <summary>The log of one partition. Changed on the engine's loop only; read from anywhere.</summary>
internal sealed partial class PartitionLog : IDisposable
{
    private readonly IDisk disk;
    private readonly EngineOptions options;
    private readonly ChangedLogs changed;
    private readonly LogIdentity identity;
    private readonly ProducerTable producers = new();
    private readonly Lock gate = new();
    private readonly List<FetchWait> waits = [];
    private volatile Segment[] segments = [];
    private long highWatermark;
    private long stableOffset;
    private long startOffset;
    private bool isDeleted;

    internal PartitionLog(IDisk disk, EngineOptions options, ChangedLogs changed, TopicPartition id, Guid topicId, string folder, TopicPolicy policy)
    {
        this.disk = disk;
        this.options = options;
        this.changed = changed;
        Id = id;
        identity = new LogIdentity(topicId, id.Partition);
        Folder = folder;
        Policy = policy;
    }

    internal TopicPartition Id { get; }

    internal string Folder { get; }

    /// <summary>The topic's settings.</summary>
    internal TopicPolicy Policy { get; set; }

    /// <summary>True when its topic was deleted: there is nothing to read any more.</summary>
    internal bool IsDeleted
    {
        get => Volatile.Read(ref isDeleted);
        private set => Volatile.Write(ref isDeleted, value);
    }

    /// <summary>True while it is listed as changed since the last round of flushes.</summary>
    internal bool IsChanged { get; set; }

    /// <summary>True while it is listed as having more than it serves.</summary>
    internal bool IsUnserved { get; set; }

    /// <summary>The offset that the next record gets.</summary>
    internal long EndOffset { get; private set; }

    /// <summary>The first offset that is there.</summary>
    internal long StartOffset => Volatile.Read(ref startOffset);

    /// <summary>The offset up to which records are durable and may be served.</summary>
    internal long HighWatermark => Volatile.Read(ref highWatermark);

    /// <summary>The offset up to which every transaction has ended for good.</summary>
    internal long StableOffset => Volatile.Read(ref stableOffset);

    /// <summary>All three as a reader may be told them.</summary>
    internal PartitionOffsets Offsets
    {
        get
        {
            // In this order: the high watermark goes ahead of the stable offset, and all only grow.
            long start = StartOffset;
            long stable = Math.Max(start, StableOffset);
            return new PartitionOffsets(start, HighWatermark, stable);
        }
    }

    /// <summary>The producers of open transactions, and the first offsets of these.</summary>
    internal IReadOnlyDictionary<long, long> OpenTransactions => producers.Transactions.Open;

    /// <summary>The last segment. There is one once something was appended.</summary>
    private Segment Active => segments[^1];

    /// <summary>The first offset of a producer's open transaction here, or -1.</summary>
    internal long OpenTransactionOf(long producerId) => producers.Transactions.FirstOffsetOf(producerId);

    /// <summary>The latest epoch that a producer wrote here with, or that a marker was written with for it; -1 when it is not known.</summary>
    internal short EpochOf(long producerId) => producers.Find(producerId)?.Epoch ?? -1;

    /// <summary>The producers that are remembered, by id.</summary>
    internal IReadOnlyList<ActiveProducer> DescribeProducers() =>
        [.. producers.All.OrderBy(static producer => producer.ProducerId).Select(producer =>
            new ActiveProducer(producer.ProducerId, producer.Epoch, Math.Max(-1, producer.LastSequence), producer.LastTimestamp, OpenTransactionOf(producer.ProducerId)))];

    /// <summary>Appends batches of one producer, all or none.</summary>
    /// <param name="batches">Whole batches; their base offsets and leader epochs are written in, which the checksums do not cover.</param>
    /// <param name="isTrusted">True when the batches were made in this process, so their checksums need no second look.</param>
    /// <param name="nowMs">The wall clock.</param>
    internal AppendResult Append(Span<byte> batches, bool isTrusted, long nowMs)
    {
        ErrorCode error = Check(batches, isTrusted, nowMs, out long originalOffset);
        if (error != ErrorCode.None) return new AppendResult(error, -1);
        if (originalOffset >= 0) return new AppendResult(ErrorCode.None, originalOffset);
        long baseOffset = EndOffset;
        if (Policy.UsesAppendTime) StampAll(batches, nowMs);
        Write(batches, isDecided: false, nowMs);
        return new AppendResult(ErrorCode.None, baseOffset, Policy.UsesAppendTime ? nowMs : -1);
    }

    /// <summary>Appends the marker that ends a producer's transaction here.</summary>
    /// <param name="producerId">The producer.</param>
    /// <param name="epoch">Its epoch; a later one than it wrote with fences it.</param>
    /// <param name="isCommit">What it says.</param>
    /// <param name="isDecided">True when recovery would write the marker again, so that readers need not wait for it to be durable.</param>
    /// <param name="nowMs">The wall clock.</param>
    internal void AppendMarker(long producerId, short epoch, bool isCommit, bool isDecided, long nowMs)
    {
        Span<byte> batch = stackalloc byte[ControlBatch.Size];
        ControlBatch.Write(batch, producerId, epoch, isCommit, nowMs);
        Write(batch, isDecided, nowMs);
    }

    /// <summary>Everything below the offset is durable now, and may be served; fetches that waited for it go on.</summary>
    internal void Advance(long durableOffset)
    {
        if (durableOffset > highWatermark) Volatile.Write(ref highWatermark, durableOffset);
        lock (gate)
        {
            // It never goes back: what was served stays served.
            long stable = producers.Transactions.Settle(highWatermark);
            if (stable > stableOffset) Volatile.Write(ref stableOffset, stable);
            for (int i = waits.Count - 1; i >= 0; i--)
            {
                FetchWait wait = waits[i];
                if (wait.Offset >= (wait.ReadCommitted ? stableOffset : highWatermark)) continue;
                waits.RemoveAt(i);
                wait.Wake();
            }
        }
    }

    /// <summary>Takes the segments that have to be flushed; the caller advances the log when all flushes of the round are done.</summary>
    internal void TakeDirty(List<Segment> dirty)
    {
        Segment[] all = segments;
        // Only the last few can be: an older one was flushed in a round that began after it was closed.
        for (int i = all.Length - 1; i >= 0 && (all[i].IsDirty || i >= all.Length - 2); i--)
        {
            if (!all[i].IsDirty) continue;
            all[i].IsDirty = false;
            dirty.Add(all[i]);
        }
    }

    public void Dispose()
    {
        foreach (Segment segment in segments) segment.Dispose();
    }

    private void Write(Span<byte> batches, bool isDecided, long nowMs)
    {
        if (segments.Length == 0 || (Active.Size > 0 && (Active.Size + batches.Length > Policy.SegmentBytes || nowMs - Active.CreatedMs >= (Policy.IsCompacted ? Math.Min(Policy.SegmentMs, Policy.MaxCompactionLagMs) : Policy.SegmentMs)))) Roll(nowMs);
        Segment segment = Active;
        segment.WrittenMs = nowMs;
        long offset = EndOffset;
        for (int position = 0; position < batches.Length;)
        {
            RecordBatchHeader.TryRead(batches[position..], out RecordBatchHeader header);
            BinaryPrimitives.WriteInt64BigEndian(batches[position..], offset);
            BinaryPrimitives.WriteInt32BigEndian(batches[(position + 12)..], 0);
            offset += header.LastOffsetDelta + 1;
            position += header.TotalSize;
        }

        segment.IsDirty = true;
        changed.Add(this);
        segment.File.Write(batches, segment.Size);
        for (int position = 0; position < batches.Length;)
        {
            RecordBatchHeader.TryRead(batches[position..], out RecordBatchHeader header);
            Take(segment, in header, batches.Slice(position, header.TotalSize), isDecided);
            position += header.TotalSize;
        }
    }

    /// <summary>Takes a batch into account that is in the segment's file behind its size.</summary>
    private void Take(Segment segment, in RecordBatchHeader header, ReadOnlySpan<byte> batch, bool isDecided)
    {
        lock (gate)
        {
            segment.Index.Add(header.BaseOffset, segment.Size, header.MaxTimestamp);
            segment.Size += header.TotalSize;
            EndOffset = header.NextOffset;
            producers.Take(in header, batch, isDecided);
        }
    }

    /// <summary>Gives the records of batches the time at which they are appended.</summary>
    private static void StampAll(Span<byte> batches, long nowMs)
    {
        for (int position = 0; position < batches.Length;)
        {
            RecordBatchHeader.TryRead(batches[position..], out RecordBatchHeader header);
            Span<byte> batch = batches.Slice(position, header.TotalSize);
            (header with { Attributes = header.Attributes | BatchAttributes.LogAppendTime, MaxTimestamp = nowMs }).Write(batch);
            BatchSeal.WriteChecksum(batch);
            position += header.TotalSize;
        }
    }

    private void Roll(long nowMs)
    {
        if (segments.Length > 0)
        {
            Remember(Active);
            changed.HasClosedSegment = true;
        }

        var segment = new Segment(EndOffset, Folder, disk.Open(Segment.PathOf(Folder, EndOffset), create: true), options.IndexIntervalBytes) { CreatedMs = nowMs, WrittenMs = nowMs };
        disk.FlushFolder(Folder);
        segments = [.. segments, segment];
    }
}

/// <summary>What an append came to.</summary>
/// <param name="Error">The error, or none.</param>
/// <param name="BaseOffset">The offset of the first record; of the original for a duplicate; -1 for an error.</param>
/// <param name="AppendTimeMs">The time that the records were given, where the topic says so; else -1.</param>
public readonly record struct AppendResult(ErrorCode Error, long BaseOffset, long AppendTimeMs = -1);
