namespace Pipelines.Runtime.Brokers;

/// <summary>An aborted transaction whose records may be among those fetched.</summary>
/// <param name="ProducerId">Its producer.</param>
/// <param name="FirstOffset">The offset of its first record.</param>
public readonly record struct AbortedTransaction(long ProducerId, long FirstOffset);

/// <summary>Record batches as the broker keeps them, and what a read-committed reader must leave out.</summary>
/// <remarks>The bytes are valid until it is disposed of, which gives them back to whoever lent them.</remarks>
public sealed class FetchedBatches : IDisposable
{
    private IDisposable? lender;

    /// <summary>Batches in <paramref name="bytes"/>, lent by <paramref name="lender"/>.</summary>
    public FetchedBatches(byte[] bytes, int begin, int length, long start, long end, IReadOnlyList<AbortedTransaction> aborted, IDisposable? lender)
    {
        Bytes = bytes;
        Begin = begin;
        Length = length;
        Start = start;
        End = end;
        Aborted = aborted;
        this.lender = lender;
    }

    /// <summary>What the batches lie in: zero or more of format v2, of which the last may be cut short.</summary>
    public byte[] Bytes { get; }

    /// <summary>Where they begin.</summary>
    public int Begin { get; }

    /// <summary>How many bytes they have.</summary>
    public int Length { get; }

    /// <summary>The first offset that the partition holds.</summary>
    public long Start { get; }

    /// <summary>The last stable offset when the read was made.</summary>
    public long End { get; }

    /// <summary>Aborted transactions that overlap the batches, in order of their first offset.</summary>
    public IReadOnlyList<AbortedTransaction> Aborted { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        IDisposable? toReturn = lender;
        lender = null;
        toReturn?.Dispose();
    }
}
