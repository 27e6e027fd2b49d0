using Pipelines.Protocol.Records;

namespace Pipelines.KafkaLoad.Loads;

/// <summary>Goes over batches by their headers alone.</summary>
internal static class Batches
{
    /// <summary>The offset behind the last whole batch; <paramref name="offset"/> when there is none.</summary>
    internal static long NextOffset(ReadOnlySpan<byte> batches, long offset)
    {
        while (RecordBatchHeader.TryRead(batches, out RecordBatchHeader header) && header.FitsInto(batches.Length))
        {
            offset = header.NextOffset;
            batches = batches[header.TotalSize..];
        }

        return offset;
    }
}
