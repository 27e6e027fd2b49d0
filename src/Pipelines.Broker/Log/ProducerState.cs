using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Log;

/// <summary>What a partition remembers of one producer: its epoch and its last five batches.</summary>
/// <remarks>Source: KIP-98; five is how many batches an idempotent producer may have in flight. Sequences wrap from 2^31-1 to 0.</remarks>
internal sealed class ProducerState(long producerId)
{
    private const int Remembered = 5;
    private readonly Queue<Batch> batches = new(Remembered);

    private readonly record struct Batch(int FirstSequence, int LastSequence, long BaseOffset);

    internal long ProducerId { get; } = producerId;

    internal short Epoch { get; private set; } = -1;

    /// <summary>The first offset of the producer's open transaction here, or -1.</summary>
    internal long OpenTransaction { get; set; } = -1;

    private int LastSequence { get; set; } = -1;

    /// <summary>Whether the batch may be appended.</summary>
    /// <param name="header">The batch.</param>
    /// <param name="duplicateOffset">Where the batch was appended before, when the answer is <see cref="ErrorCode.None"/> and it was; else -1.</param>
    internal ErrorCode Check(in RecordBatchHeader header, out long duplicateOffset)
    {
        duplicateOffset = -1;
        if (header.ProducerEpoch < Epoch) return ErrorCode.InvalidProducerEpoch;
        if (header.ProducerEpoch > Epoch) return header.BaseSequence == 0 || Epoch == -1 ? ErrorCode.None : ErrorCode.OutOfOrderSequenceNumber;
        int last = LastOf(in header);
        foreach (Batch batch in batches)
        {
            if (batch.FirstSequence != header.BaseSequence || batch.LastSequence != last) continue;
            duplicateOffset = batch.BaseOffset;
            return ErrorCode.None;
        }

        if (LastSequence < 0 || header.BaseSequence == Next(LastSequence)) return ErrorCode.None;
        return header.BaseSequence < LastSequence && batches.Count > 0 && last <= LastSequence
            ? ErrorCode.DuplicateSequenceNumber
            : ErrorCode.OutOfOrderSequenceNumber;
    }

    /// <summary>Remembers a batch that was appended at its base offset.</summary>
    internal void Append(in RecordBatchHeader header)
    {
        if (header.ProducerEpoch != Epoch)
        {
            Epoch = header.ProducerEpoch;
            batches.Clear();
            LastSequence = -1;
        }

        if (header.IsTransactional && OpenTransaction < 0) OpenTransaction = header.BaseOffset;
        if (header.BaseSequence < 0) return;
        if (batches.Count == Remembered) batches.Dequeue();
        LastSequence = LastOf(in header);
        batches.Enqueue(new Batch(header.BaseSequence, LastSequence, header.BaseOffset));
    }

    /// <summary>The transaction ended with a marker of that epoch.</summary>
    internal void End(short epoch)
    {
        OpenTransaction = -1;
        if (epoch <= Epoch) return;
        Epoch = epoch;
        batches.Clear();
        LastSequence = -1;
    }

    private static int Next(int sequence) => sequence == int.MaxValue ? 0 : sequence + 1;

    private static int LastOf(in RecordBatchHeader header)
    {
        long last = (long)header.BaseSequence + header.LastOffsetDelta;
        return last > int.MaxValue ? (int)(last - int.MaxValue - 1) : (int)last;
    }
}
