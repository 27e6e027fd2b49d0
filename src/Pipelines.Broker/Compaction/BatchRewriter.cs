using Pipelines.Broker.Log;
using Pipelines.Protocol.Compression;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Compaction;

/// <summary>Decides what is left of a batch.</summary>
/// <remarks>
/// Gone are records of which the key has a later one, and what was aborted. A tombstone, and a marker of a transaction of which no record is left, stay for
/// the topic's <c>delete.retention.ms</c> after they were first met alone: the batch says until when (KIP-534). Offsets never change, so there are gaps. A
/// batch of which all is left stays as it is; one that loses records is written anew, uncompressed.
/// </remarks>
internal sealed class BatchRewriter(CompactionJob job, KeyTable keys)
{
    private readonly HashSet<long> withRecords = [];
    private byte[] target = new byte[64 * 1024];

    private enum Fate
    {
        Keep = 0,
        Drop = 1,
        Shrink = 2,
    }

    /// <summary>The markers that were left out so far.</summary>
    internal HashSet<long> DroppedMarkers { get; } = [];

    /// <summary>What is left of a batch; empty when nothing is. Valid until the next call.</summary>
    /// <param name="header">The batch's header.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="isLast">True for the last batch of a segment: of it at least a header stays, so that readers reach the segment's end.</param>
    internal ReadOnlyMemory<byte> Rewrite(in RecordBatchHeader header, ReadOnlyMemory<byte> batch, bool isLast)
    {
        if (header.IsControl) return RewriteMarker(in header, batch, isLast);
        bool staysEmpty = isLast || IsLastOfItsProducer(in header);
        bool isAborted = IsAborted(in header);
        if (header.IsTransactional) withRecords.Add(header.ProducerId);
        if (header.RecordCount == 0 || isAborted) return staysEmpty ? Empty(in header, batch) : default;
        ReadOnlyMemory<byte> records = BatchDecompressor.Decompress(in header, batch[RecordBatchHeader.Size..], job.Log.MaxDecompressedBytes);
        return Judge(in header, records.Span, out bool needsHorizon) switch
        {
            Fate.Keep when !needsHorizon => batch,
            Fate.Drop => staysEmpty ? Empty(in header, batch) : default,
            _ => Write(in header, records.Span, needsHorizon),
        };
    }

    private ReadOnlyMemory<byte> RewriteMarker(in RecordBatchHeader header, ReadOnlyMemory<byte> batch, bool isLast)
    {
        // Whoever reads records of the transaction has to meet its end.
        if (withRecords.Remove(header.ProducerId)) return batch;
        if (!HasHorizon(in header)) return Write(in header, batch.Span[RecordBatchHeader.Size..], needsHorizon: true);
        if (job.NowMs < header.BaseTimestamp || isLast) return batch;
        DroppedMarkers.Add(header.BaseOffset);
        return default;
    }

    private Fate Judge(in RecordBatchHeader header, ReadOnlySpan<byte> records, out bool needsHorizon)
    {
        needsHorizon = false;
        int kept = 0;
        var cursor = new RecordCursor(records, 0, records.Length, in header);
        while (cursor.MoveNext())
        {
            if (!IsKept(in header, records, in cursor)) continue;
            kept++;
            needsHorizon |= cursor.ValueLength < 0 && !HasHorizon(in header);
        }

        return kept == 0 ? Fate.Drop : kept == header.RecordCount ? Fate.Keep : Fate.Shrink;
    }

    private bool IsKept(in RecordBatchHeader header, ReadOnlySpan<byte> records, in RecordCursor cursor)
    {
        // Without a key, from before the topic was compacted, there is nothing to keep it by.
        if (cursor.KeyLength < 0 || keys.HasLater(records.Slice(cursor.KeyStart, cursor.KeyLength), cursor.Offset)) return false;
        return cursor.ValueLength >= 0 || !HasHorizon(in header) || job.NowMs < header.BaseTimestamp;
    }

    private ReadOnlyMemory<byte> Write(in RecordBatchHeader header, ReadOnlySpan<byte> records, bool needsHorizon)
    {
        bool isAppendTime = (header.Attributes & BatchAttributes.LogAppendTime) != 0;
        long baseTimestamp = needsHorizon ? job.NowMs + job.DeleteRetentionMs : header.BaseTimestamp;
        long maxTimestamp = isAppendTime ? header.MaxTimestamp : long.MinValue;
        int count = 0;
        int at = RecordBatchHeader.Size;
        var cursor = new RecordCursor(records, 0, records.Length, in header);
        while (cursor.MoveNext())
        {
            if (!header.IsControl && !IsKept(in header, records, in cursor)) continue;
            at = Write(at, records, in cursor, isAppendTime ? 0 : cursor.Timestamp - baseTimestamp, (int)(cursor.Offset - header.BaseOffset));
            if (!isAppendTime) maxTimestamp = Math.Max(maxTimestamp, cursor.Timestamp);
            count++;
        }

        BatchAttributes attributes = header.Attributes & ~BatchAttributes.CompressionMask;
        if (needsHorizon) attributes |= BatchAttributes.DeleteHorizon;
        return Seal(header with { Attributes = attributes, BaseTimestamp = baseTimestamp, MaxTimestamp = maxTimestamp, RecordCount = count, Length = at - RecordBatchHeader.Overhead }, at);
    }

    private int Write(int at, ReadOnlySpan<byte> records, in RecordCursor cursor, long timestampDelta, int offsetDelta)
    {
        ReadOnlySpan<byte> key = records.Slice(cursor.KeyStart, Math.Max(0, cursor.KeyLength));
        ReadOnlySpan<byte> value = records.Slice(cursor.ValueStart, Math.Max(0, cursor.ValueLength));
        ReadOnlySpan<byte> headers = records[cursor.HeadersStart..cursor.End];
        int body = 1 + Varint.Size(timestampDelta) + Varint.Size(offsetDelta) + Varint.Size(cursor.KeyLength) + key.Length
            + Varint.Size(cursor.ValueLength) + value.Length + Varint.Size(cursor.HeaderCount) + headers.Length;
        int needed = at + Varint.Size(body) + body;
        if (needed > target.Length) Array.Resize(ref target, Math.Max(needed, target.Length * 2));
        at += Varint.Write(target.AsSpan(at), body);
        target[at++] = 0;
        at += Varint.Write(target.AsSpan(at), timestampDelta);
        at += Varint.Write(target.AsSpan(at), offsetDelta);
        at += Varint.Write(target.AsSpan(at), cursor.KeyLength);
        key.CopyTo(target.AsSpan(at));
        at += key.Length;
        at += Varint.Write(target.AsSpan(at), cursor.ValueLength);
        value.CopyTo(target.AsSpan(at));
        at += value.Length;
        at += Varint.Write(target.AsSpan(at), cursor.HeaderCount);
        headers.CopyTo(target.AsSpan(at));
        return at + headers.Length;
    }

    /// <summary>Only a header is left: the sequence that the producer has reached.</summary>
    private ReadOnlyMemory<byte> Empty(in RecordBatchHeader header, ReadOnlyMemory<byte> batch)
    {
        if (header.RecordCount == 0) return batch;
        BatchAttributes attributes = header.Attributes & ~(BatchAttributes.CompressionMask | BatchAttributes.DeleteHorizon);
        return Seal(header with { Attributes = attributes, BaseTimestamp = header.MaxTimestamp, RecordCount = 0, Length = RecordBatchHeader.Size - RecordBatchHeader.Overhead }, RecordBatchHeader.Size);
    }

    private ReadOnlyMemory<byte> Seal(in RecordBatchHeader header, int length)
    {
        Span<byte> batch = target.AsSpan(0, length);
        header.Write(batch);
        BatchSeal.WriteChecksum(batch);
        return target.AsMemory(0, length);
    }

    /// <summary>True for records of a transaction that was aborted.</summary>
    internal bool IsAborted(in RecordBatchHeader header)
    {
        if (!header.IsTransactional) return false;
        foreach (AbortedRange range in job.Aborted)
        {
            if (range.ProducerId == header.ProducerId && range.FirstOffset <= header.BaseOffset && header.BaseOffset <= range.LastOffset) return true;
        }

        return false;
    }

    private bool IsLastOfItsProducer(in RecordBatchHeader header) => header.ProducerId >= 0 && job.LastBatches.GetValueOrDefault(header.ProducerId, -1) == header.BaseOffset;

    private static bool HasHorizon(in RecordBatchHeader header) => (header.Attributes & BatchAttributes.DeleteHorizon) != 0;
}
