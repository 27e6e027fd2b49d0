using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Log;

/// <summary>What a partition remembers of one producer: its epoch and its last five batches.</summary>
/// <remarks>Source: KIP-98; five is how many batches an idempotent producer may have in flight. Sequences wrap from 2^31-1 to 0.</remarks>
internal sealed class ProducerState(long producerId)
{
    /// <summary>How many batches are remembered.</summary>
    internal const int Remembered = 5;

    private readonly Queue<Batch> batches = new(Remembered);

    /// <summary>A batch that was appended.</summary>
    internal readonly record struct Batch(int FirstSequence, int LastSequence, long BaseOffset);

    internal long ProducerId { get; } = producerId;

    internal short Epoch { get; private set; } = -1;

    /// <summary>The last batch's or marker's offset: who wrote longest ago is forgotten first.</summary>
    internal long LastOffset { get; private set; } = -1;

    /// <summary>The sequence of the last record; -1 when none is known of this epoch, and any is taken.</summary>
    internal int LastSequence { get; private set; } = -1;

    internal IReadOnlyCollection<Batch> Batches => batches;

    /// <summary>Where the batch was appended before, or -1.</summary>
    internal long OriginalOf(in RecordBatchHeader header)
    {
        if (header.ProducerEpoch != Epoch) return -1;
        int last = LastOf(in header);
        foreach (Batch batch in batches)
        {
            if (batch.FirstSequence == header.BaseSequence && batch.LastSequence == last) return batch.BaseOffset;
        }

        return -1;
    }

    /// <summary>Whether a batch that is not remembered may be appended.</summary>
    internal ErrorCode Check(in RecordBatchHeader header)
    {
        if (header.ProducerEpoch < Epoch) return ErrorCode.InvalidProducerEpoch;
        if (header.ProducerEpoch > Epoch) return header.BaseSequence == 0 || Epoch == -1 ? ErrorCode.None : ErrorCode.OutOfOrderSequenceNumber;
        if (LastSequence < 0 || header.BaseSequence == Next(LastSequence)) return ErrorCode.None;
        // Behind the last one by less than half the circle: it was appended, too long ago to be remembered.
        int behind = (LastSequence - LastOf(in header)) & int.MaxValue;
        return behind <= int.MaxValue / 2 && header.RecordCount <= int.MaxValue / 2 ? ErrorCode.DuplicateSequenceNumber : ErrorCode.OutOfOrderSequenceNumber;
    }

    /// <summary>Remembers a batch that was appended at its base offset.</summary>
    internal void Append(in RecordBatchHeader header)
    {
        LastOffset = header.LastOffset;
        if (header.ProducerEpoch != Epoch) Begin(header.ProducerEpoch);
        if (header.BaseSequence < 0) return;
        if (batches.Count == Remembered) batches.Dequeue();
        LastSequence = LastOf(in header);
        batches.Enqueue(new Batch(header.BaseSequence, LastSequence, header.BaseOffset));
    }

    /// <summary>The transaction ended with a marker of that epoch.</summary>
    internal void End(short epoch, long markerOffset)
    {
        LastOffset = markerOffset;
        if (epoch > Epoch) Begin(epoch);
    }

    /// <summary>Takes over what a checkpoint tells.</summary>
    internal void Restore(short epoch, int lastSequence, long lastOffset, IEnumerable<Batch> known)
    {
        Begin(epoch);
        LastSequence = lastSequence;
        LastOffset = lastOffset;
        foreach (Batch batch in known) batches.Enqueue(batch);
    }

    private void Begin(short epoch)
    {
        Epoch = epoch;
        batches.Clear();
        LastSequence = -1;
    }

    private static int Next(int sequence) => sequence == int.MaxValue ? 0 : sequence + 1;

    private static int LastOf(in RecordBatchHeader header) => (int)((header.BaseSequence + (long)header.LastOffsetDelta) & int.MaxValue);
}
