using System.Buffers.Binary;

namespace Pipelines.Protocol.Records;

/// <summary>The attributes of a batch.</summary>
/// <remarks>Source: Kafka record batch format v2 (KIP-98), attributes field.</remarks>
[Flags]
public enum BatchAttributes : short
{
    /// <summary>Nothing special: uncompressed, create time, no transaction.</summary>
    None = 0,

    /// <summary>The bits of the compression codec: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.</summary>
    CompressionMask = 0x07,

    /// <summary>The timestamps are the broker's.</summary>
    LogAppendTime = 0x08,

    /// <summary>The batch is part of a transaction.</summary>
    Transactional = 0x10,

    /// <summary>The batch holds a commit or abort marker.</summary>
    Control = 0x20,

    /// <summary>The first timestamp is the delete horizon, set by compaction.</summary>
    DeleteHorizon = 0x40,
}

/// <summary>The fixed part of a record batch, as stored and as sent.</summary>
/// <remarks>61 bytes, big-endian. Source: Kafka record batch format v2 (KIP-98).</remarks>
public readonly record struct RecordBatchHeader
{
    /// <summary>The header's size in bytes.</summary>
    public const int Size = 61;

    /// <summary>Bytes of the batch before <see cref="Length"/> begins to count.</summary>
    public const int Overhead = 12;

    /// <summary>Where the checksum begins to count: what is before it may be rewritten by a broker.</summary>
    public const int ChecksumStart = 21;

    /// <summary>The offset of the first record.</summary>
    public long BaseOffset { get; init; }

    /// <summary>Bytes that follow this field, so the whole batch is <c>Length + 12</c> bytes.</summary>
    public int Length { get; init; }

    /// <summary>The epoch of the leader that appended the batch; -1 from a producer.</summary>
    public int PartitionLeaderEpoch { get; init; }

    /// <summary>The format: 2.</summary>
    public byte Magic { get; init; }

    /// <summary>CRC-32C of everything from the attributes to the end.</summary>
    public uint Checksum { get; init; }

    /// <summary>Compression, transaction and control bits.</summary>
    public BatchAttributes Attributes { get; init; }

    /// <summary>The last record's offset less the first's.</summary>
    public int LastOffsetDelta { get; init; }

    /// <summary>The timestamp that the records' deltas count from, Unix milliseconds.</summary>
    public long BaseTimestamp { get; init; }

    /// <summary>The greatest timestamp of the records.</summary>
    public long MaxTimestamp { get; init; }

    /// <summary>The producer, or -1.</summary>
    public long ProducerId { get; init; }

    /// <summary>The producer's epoch, or -1.</summary>
    public short ProducerEpoch { get; init; }

    /// <summary>The sequence of the first record, or -1.</summary>
    public int BaseSequence { get; init; }

    /// <summary>The number of records.</summary>
    public int RecordCount { get; init; }

    /// <summary>The size of the whole batch in bytes.</summary>
    public int TotalSize => Length + Overhead;

    /// <summary>The offset of the last record.</summary>
    public long LastOffset => BaseOffset + LastOffsetDelta;

    /// <summary>The offset after the last record.</summary>
    public long NextOffset => BaseOffset + LastOffsetDelta + 1;

    /// <summary>True for a batch of a transaction.</summary>
    public bool IsTransactional => (Attributes & BatchAttributes.Transactional) != 0;

    /// <summary>True for a batch that holds a commit or abort marker.</summary>
    public bool IsControl => (Attributes & BatchAttributes.Control) != 0;

    /// <summary>The codec that the records are compressed with; 0 for none.</summary>
    public int Compression => (int)(Attributes & BatchAttributes.CompressionMask);

    /// <summary>True when the length can be a batch's, and the whole batch fits into that many bytes.</summary>
    public bool FitsInto(long bytes) => Length >= Size - Overhead && Length <= bytes - Overhead;

    /// <summary>Reads the header at the start of <paramref name="source"/>. Looks at nothing but the bytes' number.</summary>
    /// <returns><see langword="false"/> when fewer than 61 bytes are present.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, out RecordBatchHeader header)
    {
        header = default;
        if (source.Length < Size) return false;
        header = new RecordBatchHeader
        {
            BaseOffset = BinaryPrimitives.ReadInt64BigEndian(source),
            Length = BinaryPrimitives.ReadInt32BigEndian(source[8..]),
            PartitionLeaderEpoch = BinaryPrimitives.ReadInt32BigEndian(source[12..]),
            Magic = source[16],
            Checksum = BinaryPrimitives.ReadUInt32BigEndian(source[17..]),
            Attributes = (BatchAttributes)BinaryPrimitives.ReadInt16BigEndian(source[21..]),
            LastOffsetDelta = BinaryPrimitives.ReadInt32BigEndian(source[23..]),
            BaseTimestamp = BinaryPrimitives.ReadInt64BigEndian(source[27..]),
            MaxTimestamp = BinaryPrimitives.ReadInt64BigEndian(source[35..]),
            ProducerId = BinaryPrimitives.ReadInt64BigEndian(source[43..]),
            ProducerEpoch = BinaryPrimitives.ReadInt16BigEndian(source[51..]),
            BaseSequence = BinaryPrimitives.ReadInt32BigEndian(source[53..]),
            RecordCount = BinaryPrimitives.ReadInt32BigEndian(source[57..]),
        };
        return true;
    }

    /// <summary>Writes the header; <paramref name="target"/> has room for 61 bytes.</summary>
    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt64BigEndian(target, BaseOffset);
        BinaryPrimitives.WriteInt32BigEndian(target[8..], Length);
        BinaryPrimitives.WriteInt32BigEndian(target[12..], PartitionLeaderEpoch);
        target[16] = Magic;
        BinaryPrimitives.WriteUInt32BigEndian(target[17..], Checksum);
        BinaryPrimitives.WriteInt16BigEndian(target[21..], (short)Attributes);
        BinaryPrimitives.WriteInt32BigEndian(target[23..], LastOffsetDelta);
        BinaryPrimitives.WriteInt64BigEndian(target[27..], BaseTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(target[35..], MaxTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(target[43..], ProducerId);
        BinaryPrimitives.WriteInt16BigEndian(target[51..], ProducerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(target[53..], BaseSequence);
        BinaryPrimitives.WriteInt32BigEndian(target[57..], RecordCount);
    }
}
