using Pipelines.Protocol.Records;

namespace Pipelines.Loads;

/// <summary>The headers of the whole batches that a fetch brought, to go through with <c>foreach</c>; a batch that is cut off at the end is left out.</summary>
internal ref struct RawBatches(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> rest = bytes;
    private RecordBatchHeader current;

    public readonly RecordBatchHeader Current => current;

    public readonly RawBatches GetEnumerator() => this;

    public bool MoveNext()
    {
        if (!RecordBatchHeader.TryRead(rest, out current) || !current.FitsInto(rest.Length)) return false;
        rest = rest[current.TotalSize..];
        return true;
    }
}
