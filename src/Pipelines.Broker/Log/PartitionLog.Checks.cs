using Pipelines.Protocol.Compression;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Log;

/// <content>What a producer may append.</content>
internal sealed partial class PartitionLog
{
    private ErrorCode Check(ReadOnlySpan<byte> batches, bool isTrusted, long nowMs, out long originalOffset)
    {
        originalOffset = -1;
        if (!RecordBatchHeader.TryRead(batches, out RecordBatchHeader first)) return ErrorCode.CorruptMessage;
        bool isInSequence = first.ProducerId >= 0 && options.Guards(Protections.Sequences);
        ProducerState? producer = isInSequence ? producers.Find(first.ProducerId) : null;
        int count = 0;
        int known = 0;
        int sequence = first.BaseSequence;
        for (int position = 0; position < batches.Length;)
        {
            if (!RecordBatchHeader.TryRead(batches[position..], out RecordBatchHeader header)) return ErrorCode.CorruptMessage;
            ErrorCode error = CheckBatch(batches[position..], in header, isTrusted, nowMs);
            if (error != ErrorCode.None) return error;
            // One answer is given for all of them, so they have to be one producer's, one after the other.
            if (!IsSameProducer(in header, in first) || (first.ProducerId >= 0 && header.BaseSequence != sequence)) return ErrorCode.InvalidRecord;
            sequence = (int)((header.BaseSequence + (long)header.RecordCount) & int.MaxValue);

            long original = producer?.OriginalOf(in header) ?? -1;
            if (original >= 0)
            {
                if (count == 0) originalOffset = original;
                known++;
            }

            count++;
            position += header.TotalSize;
        }

        if (known == count) return ErrorCode.None;
        originalOffset = -1;
        if (known > 0) return ErrorCode.OutOfOrderSequenceNumber;
        return isInSequence ? producers.Check(in first) : ErrorCode.None;
    }

    private ErrorCode CheckBatch(ReadOnlySpan<byte> rest, in RecordBatchHeader header, bool isTrusted, long nowMs)
    {
        if (header.Magic != 2) return ErrorCode.UnsupportedForMessageFormat;
        if (!header.FitsInto(rest.Length)) return ErrorCode.CorruptMessage;
        if (header.TotalSize > Policy.MaxMessageBytes) return ErrorCode.MessageTooLarge;
        if (header.RecordCount <= 0 || header.LastOffsetDelta != header.RecordCount - 1) return ErrorCode.InvalidRecord;
        // Markers are the coordinator's to write.
        if (header.IsControl) return ErrorCode.InvalidRecord;
        if (header.ProducerId >= 0 ? header.ProducerEpoch < 0 || header.BaseSequence < 0 : header.IsTransactional) return ErrorCode.InvalidRecord;
        // Nobody could read it.
        if (header.Compression > (int)BatchCodec.Zstd) return ErrorCode.UnsupportedCompressionType;
        if (!Policy.UsesAppendTime && !IsTimely(in header, nowMs)) return ErrorCode.InvalidTimestamp;
        if (isTrusted) return ErrorCode.None;
        ReadOnlySpan<byte> batch = rest[..header.TotalSize];
        if (!BatchSeal.HasRightChecksum(batch)) return ErrorCode.CorruptMessage;
        bool isLookedAt = header.Compression == 0 || Policy.IsCompacted;
        return isLookedAt ? CheckRecords(batch, in header, needsKeys: Policy.IsCompacted) : ErrorCode.None;
    }

    /// <summary>The most that the records of a batch may grow to where they are looked at.</summary>
    internal int MaxDecompressedBytes => Math.Max(options.MaxDecompressedBytes, Policy.MaxMessageBytes);

    private bool IsTimely(in RecordBatchHeader header, long nowMs) =>
        (Policy.MaxAheadMs == long.MaxValue || header.MaxTimestamp - nowMs <= Policy.MaxAheadMs)
        && (Policy.MaxBehindMs == long.MaxValue || nowMs - header.BaseTimestamp <= Policy.MaxBehindMs);

    /// <summary>The batch must hold as many records as it says, end to end, with offsets one after the other.</summary>
    private ErrorCode CheckRecords(ReadOnlySpan<byte> batch, in RecordBatchHeader header, bool needsKeys)
    {
        try
        {
            ReadOnlySpan<byte> bytes = header.Compression == 0 ? batch[RecordBatchHeader.Size..] : BatchDecompressor.Decompress(in header, batch[RecordBatchHeader.Size..].ToArray(), MaxDecompressedBytes).Span;
            var records = new RecordCursor(bytes, 0, bytes.Length, in header);
            long expected = header.BaseOffset;
            while (records.MoveNext())
            {
                if (records.Offset != expected++ || (needsKeys && records.KeyLength < 0)) return ErrorCode.InvalidRecord;
            }

            return ErrorCode.None;
        }
        catch (CorruptBatchException refused)
        {
            return refused.IsTooLarge ? ErrorCode.MessageTooLarge : ErrorCode.InvalidRecord;
        }
    }

    private static bool IsSameProducer(in RecordBatchHeader one, in RecordBatchHeader other) =>
        one.ProducerId == other.ProducerId && one.ProducerEpoch == other.ProducerEpoch && one.IsTransactional == other.IsTransactional;
}
