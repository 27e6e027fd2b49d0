using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Log;

/// <summary>What a partition remembers of one producer: its epoch and its last five batches.</summary>
/// <remarks>Source: KIP-98; five is how many batches an idempotent producer may have in flight. Sequences wrap from 2^31-1 to 0.</remarks>
internal sealed class ProducerState(long producerId)
{
    /// <summary>How many batches are remembered.</summary>
    internal const int Remembered = 5;

    /// <summary>What came before is forgotten: any sequence may follow.</summary>
    internal const int UnknownSequence = -1;

    /// <summary>A marker brought the epoch, and nothing was sent under it: 0 follows.</summary>
    internal const int NoSequence = -2;

    private readonly Queue<Batch> batches = new(Remembered);

    /// <summary>A batch that was appended.</summary>
    internal readonly record struct Batch(int FirstSequence, int LastSequence, long BaseOffset);

    internal long ProducerId { get; } = producerId;

    internal short Epoch { get; private set; } = -1;

    /// <summary>The last batch's or marker's offset: who wrote longest ago is forgotten first.</summary>
    internal long LastOffset { get; private set; } = -1;

    /// <summary>The sequence of the last record; <see cref="UnknownSequence"/> or <see cref="NoSequence"/> when there is none.</summary>
    internal int LastSequence { get; private set; } = UnknownSequence;

    /// <summary>The time of the last record or marker, in milliseconds; -1 when it is not known.</summary>
    internal long LastTimestamp { get; private set; } = -1;

    internal IReadOnlyCollection<Batch> Batches => batches;

    /// <summary>The base offset of the last batch, or -1.</summary>
    internal long LastBatch => batches.Count == 0 ? -1 : batches.Last().BaseOffset;

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
        if (LastSequence == UnknownSequence || header.BaseSequence == Next(LastSequence)) return ErrorCode.None;
        if (LastSequence == NoSequence) return ErrorCode.OutOfOrderSequenceNumber;
        // Behind the last one by less than half the circle: it was appended, too long ago to be remembered.
        int behind = (LastSequence - LastOf(in header)) & int.MaxValue;
        return behind <= int.MaxValue / 2 && header.RecordCount <= int.MaxValue / 2 ? ErrorCode.DuplicateSequenceNumber : ErrorCode.OutOfOrderSequenceNumber;
    }

    /// <summary>Remembers a batch that was appended at its base offset.</summary>
    internal void Append(in RecordBatchHeader header)
    {
        LastOffset = header.LastOffset;
        LastTimestamp = header.MaxTimestamp;
        if (header.ProducerEpoch != Epoch) Begin(header.ProducerEpoch);
        if (header.BaseSequence < 0) return;
        if (batches.Count == Remembered) batches.Dequeue();
        LastSequence = LastOf(in header);
        batches.Enqueue(new Batch(header.BaseSequence, LastSequence, header.BaseOffset));
    }

    /// <summary>The transaction ended with a marker of that epoch.</summary>
    internal void End(short epoch, long markerOffset, long timestamp)
    {
        LastOffset = markerOffset;
        LastTimestamp = timestamp;
        if (epoch <= Epoch) return;
        bool isKnown = Epoch >= 0;
        Begin(epoch);
        // What comes out of order under the new epoch must not be taken for its beginning.
        if (isKnown) LastSequence = NoSequence;
    }

    /// <summary>Takes over what a checkpoint tells.</summary>
    internal void Restore(short epoch, int lastSequence, long lastOffset, long lastTimestamp, IEnumerable<Batch> known)
    {
        Begin(epoch);
        LastSequence = lastSequence;
        LastOffset = lastOffset;
        LastTimestamp = lastTimestamp;
        foreach (Batch batch in known) batches.Enqueue(batch);
    }

    private void Begin(short epoch)
    {
        Epoch = epoch;
        batches.Clear();
        LastSequence = UnknownSequence;
    }

    private static int Next(int sequence) => sequence is int.MaxValue or NoSequence ? 0 : sequence + 1;

    private static int LastOf(in RecordBatchHeader header) => (int)((header.BaseSequence + (long)header.LastOffsetDelta) & int.MaxValue);
}
