using System.Buffers.Binary;
using Pipelines.Broker.Disk;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Log;

/// <summary>What was known at the end of a segment, so that the next start need not read the segment: its index, its aborted transactions, the producers.</summary>
/// <remarks>
/// A file beside the segment, written when the segment's bytes are durable, and never flushed: a checkpoint that is torn, stale or gone has
/// no right checksum or does not fit the segment, and the segment is read instead. It holds whose it is, the topic's id and the partition's number: that of another log may fit in all else.
/// </remarks>
internal sealed class SegmentCheckpoint
{
    internal const string Extension = ".checkpoint";
    private const byte Version = 4;
    private const int MaxBytes = 256 * 1024 * 1024;

    internal required long BaseOffset { get; init; }

    /// <summary>The bytes of the segment that it covers.</summary>
    internal required long Size { get; init; }

    /// <summary>The offset after the last of them.</summary>
    internal required long EndOffset { get; init; }

    internal required long MaxTimestamp { get; init; }

    /// <summary>When the segment was last written to, in milliseconds.</summary>
    internal required long WrittenMs { get; init; }

    internal required SegmentIndex.Entry[] Index { get; init; }

    /// <summary>Transactions whose abort markers are in the segment.</summary>
    internal required TransactionIndex.Entry[] Aborted { get; init; }

    internal required KeyValuePair<long, long>[] OpenTransactions { get; init; }

    internal required ProducerState[] Producers { get; init; }

    /// <summary>What is known when a segment has just been written to its end.</summary>
    internal static SegmentCheckpoint Of(Segment segment, long endOffset, ProducerTable producers) => new()
    {
        BaseOffset = segment.BaseOffset,
        Size = segment.Size,
        EndOffset = endOffset,
        MaxTimestamp = segment.Index.MaxTimestamp,
        WrittenMs = segment.WrittenMs,
        Index = segment.Index.Entries.ToArray(),
        Aborted = [.. producers.Transactions.Aborted.Where(entry => entry.Range.LastOffset >= segment.BaseOffset)],
        OpenTransactions = [.. producers.Transactions.Open],
        // They go on changing: what is kept is how they are now.
        Producers = [.. producers.All.Select(static producer =>
        {
            var copy = new ProducerState(producer.ProducerId);
            copy.Restore(producer.Epoch, producer.LastSequence, producer.LastOffset, producer.LastTimestamp, producer.Batches);
            return copy;
        })],
    };

    /// <summary>The same of a segment that has taken the place of others, up to the same end.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="aborted">The transactions that are still known to be aborted.</param>
    internal SegmentCheckpoint Of(Segment segment, IReadOnlyList<TransactionIndex.Entry> aborted) => new()
    {
        BaseOffset = segment.BaseOffset,
        Size = segment.Size,
        EndOffset = EndOffset,
        MaxTimestamp = segment.Index.MaxTimestamp,
        WrittenMs = segment.WrittenMs,
        Index = segment.Index.Entries.ToArray(),
        Aborted = [.. aborted.Where(entry => entry.Range.LastOffset >= segment.BaseOffset && entry.Range.LastOffset < EndOffset)],
        OpenTransactions = OpenTransactions,
        Producers = Producers,
    };

    internal void Save(IDisk disk, string path, LogIdentity log)
    {
        using var bytes = new MemoryStream();
        using var target = new BinaryWriter(bytes);
        target.Write(0u);
        target.Write(Version);
        target.Write(log.Topic.ToByteArray());
        target.Write(log.Partition);
        Write(target);
        target.Flush();
        Span<byte> all = bytes.GetBuffer().AsSpan(0, (int)bytes.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(all, Crc32C.Compute(all[4..]));
        using IDiskFile file = disk.Open(path, create: true);
        file.SetLength(all.Length);
        file.Write(all, 0);
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <returns>The checkpoint, or null when there is none of this log that can be relied on.</returns>
    internal static SegmentCheckpoint? TryLoad(IDisk disk, string path, LogIdentity log)
    {
        if (!disk.Exists(path)) return null;
        using IDiskFile file = disk.Open(path, create: false);
        if (file.Length is < 5 or > MaxBytes) return null;
        byte[] bytes = new byte[file.Length];
        if (file.Read(bytes, 0) != bytes.Length || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Crc32C.Compute(bytes.AsSpan(4)) || bytes[4] != Version) return null;
        using var source = new BinaryReader(new MemoryStream(bytes, 5, bytes.Length - 5));
        return new LogIdentity(new Guid(source.ReadBytes(16)), source.ReadInt32()) == log ? Read(source) : null;
    }

    private void Write(BinaryWriter target)
    {
        target.Write(BaseOffset);
        target.Write(Size);
        target.Write(EndOffset);
        target.Write(MaxTimestamp);
        target.Write(WrittenMs);
        target.Write(Index.Length);
        foreach (SegmentIndex.Entry entry in Index)
        {
            target.Write(entry.Offset);
            target.Write(entry.Position);
            target.Write(entry.MaxTimestampBefore);
        }

        target.Write(Aborted.Length);
        foreach (TransactionIndex.Entry entry in Aborted)
        {
            target.Write(entry.Range.ProducerId);
            target.Write(entry.Range.FirstOffset);
            target.Write(entry.Range.LastOffset);
            target.Write(entry.StableAfter);
        }

        target.Write(OpenTransactions.Length);
        foreach ((long producerId, long first) in OpenTransactions)
        {
            target.Write(producerId);
            target.Write(first);
        }

        target.Write(Producers.Length);
        foreach (ProducerState producer in Producers) Write(target, producer);
    }

    private static void Write(BinaryWriter target, ProducerState producer)
    {
        target.Write(producer.ProducerId);
        target.Write(producer.Epoch);
        target.Write(producer.LastSequence);
        target.Write(producer.LastOffset);
        target.Write(producer.LastTimestamp);
        target.Write((byte)producer.Batches.Count);
        foreach (ProducerState.Batch batch in producer.Batches)
        {
            target.Write(batch.FirstSequence);
            target.Write(batch.LastSequence);
            target.Write(batch.BaseOffset);
        }
    }

    private static SegmentCheckpoint Read(BinaryReader source) => new()
    {
        BaseOffset = source.ReadInt64(),
        Size = source.ReadInt64(),
        EndOffset = source.ReadInt64(),
        MaxTimestamp = source.ReadInt64(),
        WrittenMs = source.ReadInt64(),
        Index = ReadMany(source, static source => new SegmentIndex.Entry(source.ReadInt64(), source.ReadInt64(), source.ReadInt64())),
        Aborted = ReadMany(source, static source =>
            new TransactionIndex.Entry(new AbortedRange(source.ReadInt64(), source.ReadInt64(), source.ReadInt64()), source.ReadInt64())),
        OpenTransactions = ReadMany(source, static source => KeyValuePair.Create(source.ReadInt64(), source.ReadInt64())),
        Producers = ReadMany(source, ReadProducer),
    };

    private static ProducerState ReadProducer(BinaryReader source)
    {
        var producer = new ProducerState(source.ReadInt64());
        short epoch = source.ReadInt16();
        int lastSequence = source.ReadInt32();
        long lastOffset = source.ReadInt64();
        long lastTimestamp = source.ReadInt64();
        var batches = new ProducerState.Batch[source.ReadByte()];
        for (int i = 0; i < batches.Length; i++) batches[i] = new ProducerState.Batch(source.ReadInt32(), source.ReadInt32(), source.ReadInt64());
        producer.Restore(epoch, lastSequence, lastOffset, lastTimestamp, batches);
        return producer;
    }

    private static T[] ReadMany<T>(BinaryReader source, Func<BinaryReader, T> read)
    {
        var all = new T[source.ReadInt32()];
        for (int i = 0; i < all.Length; i++) all[i] = read(source);
        return all;
    }
}
