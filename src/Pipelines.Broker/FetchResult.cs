using Pipelines.Broker.Log;

namespace Pipelines.Broker;

/// <summary>Batches as the log keeps them; the bytes are valid until it is disposed of.</summary>
public sealed class FetchResult : IDisposable
{
    private readonly FetchBuffer? buffer;

    internal FetchResult(ErrorCode error, FetchBuffer? buffer, int length, PartitionOffsets offsets, IReadOnlyList<AbortedRange> aborted)
    {
        Error = error;
        this.buffer = buffer;
        Length = length;
        StartOffset = offsets.Start;
        HighWatermark = offsets.HighWatermark;
        StableOffset = offsets.Stable;
        Aborted = aborted;
    }

    /// <summary>The error, or none.</summary>
    public ErrorCode Error { get; }

    /// <summary>Whole batches in the first <see cref="Length"/> bytes.</summary>
    public byte[] Bytes => buffer?.Bytes ?? [];

    /// <summary>The bytes read; 0 when nothing came in time.</summary>
    public int Length { get; }

    /// <summary>The first offset that the partition holds.</summary>
    public long StartOffset { get; }

    /// <summary>The end of what is durable.</summary>
    public long HighWatermark { get; }

    /// <summary>The end of what a read-committed reader may see.</summary>
    public long StableOffset { get; }

    /// <summary>Aborted transactions among the batches, by first offset; for a read-committed reader to leave out.</summary>
    public IReadOnlyList<AbortedRange> Aborted { get; }

    /// <summary>The offset after the last batch read.</summary>
    internal long NextOffset { get; init; }

    /// <inheritdoc/>
    public void Dispose() => buffer?.Dispose();

    internal static FetchResult Of(ErrorCode error, PartitionLog? log) =>
        new(error, null, 0, log?.Offsets ?? new PartitionOffsets(-1, -1, -1), []);
}
