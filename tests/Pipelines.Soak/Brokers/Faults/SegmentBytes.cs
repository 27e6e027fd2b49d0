using Pipelines.Protocol.Records;

namespace Pipelines.Soak.Brokers.Faults;

/// <summary>A segment as it lies on the disk.</summary>
internal static class SegmentBytes
{
    /// <summary>Its whole batches, and where they begin.</summary>
    internal static List<(int Start, RecordBatchHeader Header)> Batches(ReadOnlySpan<byte> bytes)
    {
        var all = new List<(int, RecordBatchHeader)>();
        int position = 0;
        while (RecordBatchHeader.TryRead(bytes[position..], out RecordBatchHeader header) && header.FitsInto(bytes.Length - position))
        {
            all.Add((position, header));
            position += header.TotalSize;
        }

        return all;
    }

    /// <summary>A byte of a batch that must not change: the leader's epoch is the broker's, and always the same.</summary>
    internal static int Choose(Random random, int from, int size) => random.Next(from, size) is var at && at is >= 12 and < 16 ? 17 : at;
}
