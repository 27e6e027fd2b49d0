using System.Buffers.Binary;
using Pipelines.Broker.Disk;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Log;

/// <summary>The log of one partition. Changed on the engine's loop only; read from anywhere.</summary>
internal sealed partial class PartitionLog : IDisposable
{
    private readonly IDisk disk;
    private readonly EngineOptions options;
    private readonly Dictionary<long, ProducerState> producers = [];
    private readonly List<AbortedRange> aborted = [];
    private readonly Lock gate = new();
    private Segment[] segments = [];
    private readonly List<FetchWait> waits = [];
    private long highWatermark;
    private long stableOffset;

    internal PartitionLog(IDisk disk, EngineOptions options, TopicPartition id, string folder)
    {
        this.disk = disk;
        this.options = options;
        Id = id;
        Folder = folder;
    }

    internal TopicPartition Id { get; }

    internal string Folder { get; }

    /// <summary>The offset that the next record gets.</summary>
    internal long EndOffset { get; private set; }

    /// <summary>The first offset that is there.</summary>
    internal long StartOffset => segments.Length == 0 ? 0 : segments[0].BaseOffset;

    /// <summary>The offset up to which records are durable and may be served.</summary>
    internal long HighWatermark => Volatile.Read(ref highWatermark);

    /// <summary>The offset up to which no transaction is open.</summary>
    internal long StableOffset => Volatile.Read(ref stableOffset);

    internal IReadOnlyList<Segment> Segments => segments;

    internal IEnumerable<ProducerState> OpenTransactions => producers.Values.Where(static producer => producer.OpenTransaction >= 0);

    private Segment Active => segments[^1];

    /// <summary>Appends batches that a producer sent, all or none.</summary>
    /// <param name="batches">Whole batches; their base offsets are written in.</param>
    /// <param name="isTrusted">True when the batches were made in this process, so their checksums need no second look.</param>
    internal AppendResult Append(Span<byte> batches, bool isTrusted)
    {
        ErrorCode error = Check(batches, isTrusted, out long duplicateOffset);
        if (error != ErrorCode.None) return new AppendResult(error, -1);
        if (duplicateOffset >= 0) return new AppendResult(ErrorCode.None, duplicateOffset);
        long baseOffset = EndOffset;
        Write(batches);
        return new AppendResult(ErrorCode.None, baseOffset);
    }

    /// <summary>Appends the marker that ends a producer's transaction here.</summary>
    internal void AppendMarker(long producerId, short epoch, bool isCommit, long nowMs)
    {
        Span<byte> batch = stackalloc byte[ControlBatch.Size];
        ControlBatch.Write(batch, producerId, epoch, isCommit, nowMs);
        Write(batch);
    }

    /// <summary>Everything below the offset is durable now, and may be served.</summary>
    internal void Advance(long durableOffset)
    {
        if (durableOffset > highWatermark) Volatile.Write(ref highWatermark, durableOffset);
        UpdateStable();
        lock (gate)
        {
            foreach (FetchWait wait in waits) wait.Wake();
            waits.Clear();
        }
    }

    /// <summary>Adds somebody who is woken when there may be more to read.</summary>
    internal void AddWait(FetchWait wait)
    {
        lock (gate) waits.Add(wait);
    }

    internal void RemoveWait(FetchWait wait)
    {
        lock (gate) waits.Remove(wait);
    }

    /// <summary>The state of a producer, or null.</summary>
    internal ProducerState? FindProducer(long producerId) => producers.GetValueOrDefault(producerId);

    /// <summary>Aborted transactions that overlap an offset range, by first offset.</summary>
    internal List<AbortedRange> AbortedIn(long from, long to)
    {
        var found = new List<AbortedRange>();
        lock (gate)
        {
            foreach (AbortedRange range in aborted)
            {
                if (range.FirstOffset < to && range.LastOffset >= from) found.Add(range);
            }
        }

        found.Sort(static (left, right) => left.FirstOffset.CompareTo(right.FirstOffset));
        return found;
    }

    /// <summary>Flushes what is dirty; the caller advances the log when all flushes of the round are done.</summary>
    internal void CollectDirty(List<Segment> dirty)
    {
        foreach (Segment segment in segments)
        {
            if (segment.IsDirty) dirty.Add(segment);
        }
    }

    public void Dispose()
    {
        foreach (Segment segment in segments) segment.Dispose();
    }

    private ErrorCode Check(ReadOnlySpan<byte> batches, bool isTrusted, out long duplicateOffset)
    {
        duplicateOffset = -1;
        int position = 0;
        if (batches.Length == 0) return ErrorCode.CorruptMessage;
        while (position < batches.Length)
        {
            if (!RecordBatchHeader.TryRead(batches[position..], out RecordBatchHeader header)) return ErrorCode.CorruptMessage;
            ErrorCode error = CheckBatch(batches[position..], in header, isTrusted);
            if (error != ErrorCode.None) return error;
            if (header.ProducerId >= 0 && position == 0 && producers.TryGetValue(header.ProducerId, out ProducerState? producer))
            {
                error = producer.Check(in header, out duplicateOffset);
                if (error != ErrorCode.None || duplicateOffset >= 0) return error;
            }

            position += header.TotalSize;
        }

        return ErrorCode.None;
    }

    private ErrorCode CheckBatch(ReadOnlySpan<byte> rest, in RecordBatchHeader header, bool isTrusted)
    {
        if (header.Magic != 2) return ErrorCode.InvalidRecord;
        if (header.Length < RecordBatchHeader.Size - RecordBatchHeader.Overhead || header.TotalSize > rest.Length) return ErrorCode.CorruptMessage;
        if (header.TotalSize > options.MaxBatchBytes) return ErrorCode.MessageTooLarge;
        if (header.RecordCount <= 0 || header.LastOffsetDelta != header.RecordCount - 1) return ErrorCode.InvalidRecord;
        if (header.IsControl) return ErrorCode.InvalidRecord;
        if (!isTrusted && !BatchSeal.HasRightChecksum(rest[..header.TotalSize])) return ErrorCode.CorruptMessage;
        return ErrorCode.None;
    }

    private void Write(Span<byte> batches)
    {
        if (segments.Length == 0 || (Active.Size > 0 && Active.Size + batches.Length > options.SegmentBytes)) Roll();
        Segment segment = Active;
        int position = 0;
        long offset = EndOffset;
        while (position < batches.Length)
        {
            RecordBatchHeader.TryRead(batches[position..], out RecordBatchHeader header);
            BinaryPrimitives.WriteInt64BigEndian(batches[position..], offset);
            BinaryPrimitives.WriteInt32BigEndian(batches[(position + 12)..], 0);
            offset += header.LastOffsetDelta + 1;
            position += header.TotalSize;
        }

        segment.IsDirty = true;
        segment.File.Write(batches, segment.Size);
        Take(segment, batches);
    }

    /// <summary>Takes batches into account that are in the segment's file behind its size.</summary>
    private void Take(Segment segment, ReadOnlySpan<byte> batches)
    {
        int position = 0;
        lock (gate)
        {
            while (position < batches.Length)
            {
                RecordBatchHeader.TryRead(batches[position..], out RecordBatchHeader header);
                segment.Index.Add(header.BaseOffset, segment.Size, header.MaxTimestamp);
                segment.Size += header.TotalSize;
                EndOffset = header.NextOffset;
                if (header.ProducerId >= 0) TakeProducer(in header, batches.Slice(position, header.TotalSize));
                position += header.TotalSize;
            }
        }
    }

    private void TakeProducer(in RecordBatchHeader header, ReadOnlySpan<byte> batch)
    {
        if (!producers.TryGetValue(header.ProducerId, out ProducerState? producer))
            producers.Add(header.ProducerId, producer = new ProducerState(header.ProducerId));
        if (!header.IsControl)
        {
            producer.Append(in header);
            return;
        }

        if (producer.OpenTransaction >= 0 && !ControlBatch.IsCommit(batch))
            aborted.Add(new AbortedRange(header.ProducerId, producer.OpenTransaction, header.BaseOffset));
        producer.End(header.ProducerEpoch);
    }

    private void UpdateStable()
    {
        long stable = highWatermark;
        foreach (ProducerState producer in producers.Values)
        {
            if (producer.OpenTransaction >= 0) stable = Math.Min(stable, producer.OpenTransaction);
        }

        // It never goes back: what was served stays served.
        if (stable > stableOffset) Volatile.Write(ref stableOffset, stable);
    }

    private void Roll()
    {
        string path = $"{Folder}/{Segment.NameOf(EndOffset)}{Segment.Extension}";
        var segment = new Segment(EndOffset, path, disk.Open(path, create: true), options.IndexIntervalBytes);
        disk.FlushFolder(Folder);
        lock (gate) segments = [.. segments, segment];
    }
}

/// <summary>What an append came to.</summary>
/// <param name="Error">The error, or none.</param>
/// <param name="BaseOffset">The offset of the first record; of the original for a duplicate; -1 for an error.</param>
public readonly record struct AppendResult(ErrorCode Error, long BaseOffset);
