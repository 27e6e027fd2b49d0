using Pipelines.Broker.Disk;
using Pipelines.Broker.Log;
using Pipelines.Protocol.Compression;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Compaction;

/// <summary>Rewrites closed segments of a partition so that of each key only the last record is left. Works beside the engine's loop, on files that do not change any more.</summary>
internal sealed class LogCompactor
{
    private const int FlushBytes = 1024 * 1024;
    private readonly CompactionJob job;
    private readonly EngineOptions options;
    private readonly Func<bool> isStopping;
    private readonly KeyTable keys;
    private readonly BatchRewriter rewriter;

    internal LogCompactor(CompactionJob job, EngineOptions options, Func<bool> isStopping)
    {
        this.job = job;
        this.options = options;
        this.isStopping = isStopping;
        keys = new KeyTable(options.CompactionKeys);
        rewriter = new BatchRewriter(job, keys);
        CleanTo = ReadKeys();
    }

    /// <summary>The offset up to which the log will be compacted: less than all when there are more keys than may be held in memory.</summary>
    internal long CleanTo { get; }

    /// <summary>The segments in groups, each of which becomes one segment of about the usual size.</summary>
    internal IEnumerable<IReadOnlyList<Segment>> Groups()
    {
        var group = new List<Segment>();
        long size = 0;
        foreach (Segment segment in job.Segments)
        {
            if (segment.BaseOffset >= CleanTo) break;
            if (group.Count > 0 && size + segment.Size > job.SegmentBytes)
            {
                yield return group;
                group = [];
                size = 0;
            }

            group.Add(segment);
            size += segment.Size;
        }

        if (group.Count > 0) yield return group;
    }

    /// <summary>Writes a group anew, into a file beside the segments that is durable afterwards.</summary>
    /// <returns>What was written; null when everything of it is to stay.</returns>
    internal async Task<CompactedSegment?> RewriteAsync(IReadOnlyList<Segment> group, long number)
    {
        string path = CompactedSegment.PathOf(job.Log.Folder, group[0].BaseOffset, number);
        var index = new SegmentIndex(options.IndexIntervalBytes);
        long size;
        using (IDiskFile file = options.Disk.Open(path, create: true))
        {
            size = Rewrite(group, file, index);
            bool isSame = group.Count == 1 && size == group[0].Size;
            if (!isSame) await file.FlushAsync();
            else size = -1;
        }

        if (size < 0)
        {
            options.Disk.Delete(path);
            return null;
        }

        options.Disk.FlushFolder(job.Log.Folder);
        return new CompactedSegment(number, size, index, rewriter.DroppedMarkers.ToHashSet());
    }

    private long Rewrite(IReadOnlyList<Segment> group, IDiskFile file, SegmentIndex index)
    {
        using var buffer = new MemoryStream(FlushBytes);
        long size = 0;
        long end = job.EndOf(group[^1]);
        foreach (Segment segment in group)
        {
            var reader = new SegmentReader(segment, job.DirtyFrom, job.EndOf(segment));
            while (reader.TryRead(out RecordBatchHeader header, out ReadOnlyMemory<byte> batch))
            {
                ThrowIfStopping();
                ReadOnlyMemory<byte> left = rewriter.Rewrite(in header, batch, isLast: header.NextOffset >= end);
                if (left.Length == 0) continue;
                RecordBatchHeader.TryRead(left.Span, out RecordBatchHeader written);
                index.Add(written.BaseOffset, size + buffer.Length, written.RecordCount > 0 ? written.MaxTimestamp : long.MinValue);
                buffer.Write(left.Span);
                if (buffer.Length >= FlushBytes) Flush();
            }
        }

        Flush();
        return size;

        void Flush()
        {
            file.Write(buffer.GetBuffer().AsSpan(0, (int)buffer.Length), size);
            size += buffer.Length;
            buffer.SetLength(0);
        }
    }

    /// <summary>Notes the keys of what was not compacted yet; aborted records do not count.</summary>
    /// <returns>The offset after the last record that was noted.</returns>
    private long ReadKeys()
    {
        long end = job.DirtyFrom;
        foreach (Segment segment in job.Segments)
        {
            var reader = new SegmentReader(segment, job.DirtyFrom, job.EndOf(segment));
            while (reader.TryRead(out RecordBatchHeader header, out ReadOnlyMemory<byte> batch))
            {
                ThrowIfStopping();
                if (header.NextOffset <= job.DirtyFrom) continue;
                if (keys.IsFull) return end;
                if (!header.IsControl && !rewriter.IsAborted(in header)) Note(in header, batch);
                end = header.NextOffset;
            }
        }

        return job.EndOffset;
    }

    private void Note(in RecordBatchHeader header, ReadOnlyMemory<byte> batch)
    {
        ReadOnlySpan<byte> records = BatchDecompressor.Decompress(in header, batch[RecordBatchHeader.Size..], job.Log.MaxDecompressedBytes).Span;
        var cursor = new RecordCursor(records, 0, records.Length, in header);
        while (cursor.MoveNext())
        {
            if (cursor.KeyLength >= 0) keys.Add(records.Slice(cursor.KeyStart, cursor.KeyLength), cursor.Offset);
        }
    }

    private void ThrowIfStopping()
    {
        if (isStopping()) throw new OperationCanceledException();
    }
}
