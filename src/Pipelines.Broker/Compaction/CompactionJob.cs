using Pipelines.Broker.Log;

namespace Pipelines.Broker.Compaction;

/// <summary>A partition that is to be compacted.</summary>
/// <param name="Log">The partition.</param>
/// <param name="Segments">The segments that may be rewritten: closed, and below every open transaction.</param>
/// <param name="EndOffset">The base offset of the segment behind them.</param>
/// <param name="DirtyFrom">The offset from which on nothing was compacted yet.</param>
/// <param name="Aborted">The aborted transactions in them.</param>
/// <param name="LastBatches">By producer, the base offset of its last batch with records: that one stays, if only as a header, to know its sequence by.</param>
/// <param name="SegmentBytes">About how large segments are to be.</param>
/// <param name="DeleteRetentionMs">How long tombstones and lone markers stay.</param>
/// <param name="NowMs">The wall clock.</param>
internal sealed record CompactionJob(
    PartitionLog Log,
    IReadOnlyList<Segment> Segments,
    long EndOffset,
    long DirtyFrom,
    IReadOnlyList<AbortedRange> Aborted,
    IReadOnlyDictionary<long, long> LastBatches,
    long SegmentBytes,
    long DeleteRetentionMs,
    long NowMs)
{
    /// <summary>The base offset of the segment behind one of them.</summary>
    internal long EndOf(Segment segment)
    {
        for (int i = 0; i + 1 < Segments.Count; i++)
        {
            if (Segments[i] == segment) return Segments[i + 1].BaseOffset;
        }

        return EndOffset;
    }
}

/// <summary>What takes the place of some segments, in a file beside them.</summary>
/// <param name="Number">The number of the rewriting, which names the file.</param>
/// <param name="Size">The file's bytes.</param>
/// <param name="Index">Its index.</param>
/// <param name="DroppedMarkers">The offsets of markers that it leaves out.</param>
internal sealed record CompactedSegment(long Number, long Size, SegmentIndex Index, IReadOnlySet<long> DroppedMarkers)
{
    internal const string Extension = ".compacted";

    internal static string PathOf(string folder, long baseOffset, long number) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{folder}/{baseOffset:D20}.{number}{Extension}");
}
