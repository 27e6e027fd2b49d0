using Pipelines.Execution;

namespace Pipelines;

/// <summary>Where the record being handled stands on the broker.</summary>
/// <remarks>Valid while the handler runs. A handler of a wire sees the record that the wire's record came from.</remarks>
public readonly struct RecordInfo
{
    private readonly RecordBatch batch;
    private readonly int index;
    private readonly long eventTimeMs;

    /// <summary>For generated code.</summary>
    public RecordInfo(RecordBatch batch, int index, long eventTimeMs)
    {
        this.batch = batch;
        this.index = index;
        this.eventTimeMs = eventTimeMs;
    }

    /// <summary>The topic that the record was read from.</summary>
    public string Topic => batch.Topic;

    /// <summary>The partition of the topic.</summary>
    public int Partition => batch.Partition;

    /// <summary>The record's offset in the partition.</summary>
    public long Offset => batch.Entries[index].Offset;

    /// <summary>The record's timestamp on the broker.</summary>
    public DateTimeOffset Timestamp => DateTimeOffset.FromUnixTimeMilliseconds(batch.Entries[index].Timestamp);

    /// <summary>When the event happened: the <c>[EventTime]</c> member, or the timestamp.</summary>
    public DateTimeOffset EventTime => DateTimeOffset.FromUnixTimeMilliseconds(eventTimeMs);

    /// <summary>The key's bytes; empty when there is none.</summary>
    public ReadOnlySpan<byte> Key => batch.Key(in batch.Entries[index]);

    /// <summary>The value's bytes as received; empty when there is none.</summary>
    public ReadOnlySpan<byte> Value => batch.Value(in batch.Entries[index]);

    /// <summary>The record's headers.</summary>
    public RecordHeaders Headers => new(batch.Bytes, in batch.Entries[index]);
}
