using System.Buffers.Binary;

namespace Pipelines.Execution;

/// <content>Stream time on internal topics: in a record's header, and in markers that a task's commit adds.</content>
public sealed partial class TaskScope
{
    private static ReadOnlySpan<byte> TimeHeaderName => "pipelines.time"u8;

    private static ReadOnlySpan<byte> MarkerHeaderName => "pipelines.marker"u8;

    /// <summary>The header that says how far its writer's stream time was, when that is not the record's event time.</summary>
    internal ReadOnlySpan<byte> StreamTimeHeader()
    {
        Span<byte> value = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(value, RecordTime);
        headers.Clear();
        WriteHeader(headers, TimeHeaderName, value);
        return headers.Written;
    }

    /// <summary>The header of a marker: the writer's time (8 bytes), its number (4) and whether it is idle (1).</summary>
    private ReadOnlySpan<byte> MarkerHeader(long timeMs, bool isIdle)
    {
        Span<byte> value = stackalloc byte[13];
        BinaryPrimitives.WriteInt64BigEndian(value, timeMs);
        BinaryPrimitives.WriteInt32BigEndian(value[8..], Partition);
        value[12] = isIdle ? (byte)1 : (byte)0;
        headers.Clear();
        WriteHeader(headers, MarkerHeaderName, value);
        return headers.Written;
    }

    private bool BeginInternal(in RecordEntry entry)
    {
        headerTime = StreamTime.Unknown;
        if (entry.HeaderCount == 0) return true;
        var found = new RecordHeaders(Batch.Bytes, in entry);
        if (found.TryGet(TimeHeaderName, out ReadOnlySpan<byte> value) && value.Length == 8)
        {
            headerTime = BinaryPrimitives.ReadInt64BigEndian(value);
            return true;
        }

        if (!found.TryGet(MarkerHeaderName, out value) || value.Length != 13) return true;
        time.Observe(input, BinaryPrimitives.ReadInt32BigEndian(value[8..]), BinaryPrimitives.ReadInt64BigEndian(value), value[12] != 0);
        return false;
    }
}
