using System.Buffers.Binary;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Log;

/// <summary>The marker that commits or aborts a transaction in a partition.</summary>
/// <remarks>One record; its key is a version and a type (0 abort, 1 commit), its value a version and the coordinator's epoch. Source: KIP-98, EndTxnMarker.</remarks>
internal static class ControlBatch
{
    private const int KeyBytes = 4;
    private const int ValueBytes = 6;

    // Length, attributes, two deltas, two lengths and a header count: each one byte.
    internal const int Size = RecordBatchHeader.Size + 7 + KeyBytes + ValueBytes;

    internal static void Write(Span<byte> batch, long producerId, short epoch, bool isCommit, long nowMs)
    {
        batch.Clear();
        Span<byte> record = batch[RecordBatchHeader.Size..];
        int at = Varint.Write(record, 6 + KeyBytes + ValueBytes);
        at += 1;
        at += Varint.Write(record[at..], 0);
        at += Varint.Write(record[at..], 0);
        at += Varint.Write(record[at..], KeyBytes);
        BinaryPrimitives.WriteInt16BigEndian(record[(at + 2)..], isCommit ? (short)1 : (short)0);
        at += KeyBytes;
        at += Varint.Write(record[at..], ValueBytes);
        at += ValueBytes;
        Varint.Write(record[at..], 0);

        var header = new RecordBatchHeader
        {
            Length = Size - RecordBatchHeader.Overhead,
            Magic = 2,
            Attributes = BatchAttributes.Transactional | BatchAttributes.Control,
            BaseTimestamp = nowMs,
            MaxTimestamp = nowMs,
            ProducerId = producerId,
            ProducerEpoch = epoch,
            BaseSequence = -1,
            RecordCount = 1,
        };
        header.Write(batch);
        BatchSeal.WriteChecksum(batch);
    }

    internal static bool IsCommit(ReadOnlySpan<byte> batch)
    {
        RecordBatchHeader.TryRead(batch, out RecordBatchHeader header);
        var records = new RecordCursor(batch, RecordBatchHeader.Size, batch.Length, in header);
        return records.MoveNext() && records.KeyLength >= KeyBytes && BinaryPrimitives.ReadInt16BigEndian(batch[(records.KeyStart + 2)..]) == 1;
    }
}
