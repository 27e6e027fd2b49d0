using System.Buffers.Binary;

namespace Pipelines.Protocol.Records;

/// <summary>Who writes a batch, and where it stands in that producer's sequence.</summary>
/// <param name="ProducerId">The producer, or -1.</param>
/// <param name="ProducerEpoch">Its epoch, or -1.</param>
/// <param name="BaseSequence">The sequence of the first record, or -1.</param>
/// <param name="IsTransactional">True when the batch is part of a transaction.</param>
public readonly record struct BatchProducer(long ProducerId, short ProducerEpoch, int BaseSequence, bool IsTransactional)
{
    /// <summary>A producer without idempotence.</summary>
    public static BatchProducer None => new(-1, -1, -1, IsTransactional: false);
}

/// <summary>Completes batches that are laid out but for their header.</summary>
public static class BatchSeal
{
    /// <summary>Writes the header in front of records that are already there, and the checksum over all of it.</summary>
    /// <param name="batch">The whole batch: 61 bytes for the header, then the records.</param>
    /// <param name="count">The number of records.</param>
    /// <param name="baseTimestamp">What the records' timestamp deltas count from.</param>
    /// <param name="maxTimestamp">The greatest timestamp.</param>
    /// <param name="producer">Who writes it.</param>
    public static void Complete(Span<byte> batch, int count, long baseTimestamp, long maxTimestamp, BatchProducer producer)
    {
        var header = new RecordBatchHeader
        {
            BaseOffset = 0,
            Length = batch.Length - RecordBatchHeader.Overhead,
            PartitionLeaderEpoch = -1,
            Magic = 2,
            Attributes = producer.IsTransactional ? BatchAttributes.Transactional : BatchAttributes.None,
            LastOffsetDelta = count - 1,
            BaseTimestamp = baseTimestamp,
            MaxTimestamp = maxTimestamp,
            ProducerId = producer.ProducerId,
            ProducerEpoch = producer.ProducerEpoch,
            BaseSequence = producer.BaseSequence,
            RecordCount = count,
        };
        header.Write(batch);
        WriteChecksum(batch);
    }

    /// <summary>Computes the checksum anew, after something that it covers was changed.</summary>
    public static void WriteChecksum(Span<byte> batch) =>
        BinaryPrimitives.WriteUInt32BigEndian(batch[17..], Crc32C.Compute(batch[RecordBatchHeader.ChecksumStart..]));

    /// <summary>True when the checksum of a whole batch is right.</summary>
    public static bool HasRightChecksum(ReadOnlySpan<byte> batch) =>
        BinaryPrimitives.ReadUInt32BigEndian(batch[17..]) == Crc32C.Compute(batch[RecordBatchHeader.ChecksumStart..]);
}
