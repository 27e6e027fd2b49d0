using System.Buffers.Binary;
using System.Globalization;
using Pipelines.Broker.Disk;
using Pipelines.Broker.Recovery;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Log;

/// <content>Opening what a former process left.</content>
internal sealed partial class PartitionLog
{
    private const int WindowBytes = 1024 * 1024;

    /// <summary>Opens the segments, checks them, and cuts a torn end off.</summary>
    /// <param name="provenOffset">The offset up to which the journal knows the log to have been durable.</param>
    /// <exception cref="CorruptLogException">There is damage with whole batches behind it, where the log was known to be durable.</exception>
    internal void Open(long provenOffset)
    {
        long[] bases = [.. disk.ListFiles(Folder)
            .Where(static name => name.EndsWith(Segment.Extension, StringComparison.Ordinal))
            .Select(static name => long.Parse(name.AsSpan(0, name.Length - Segment.Extension.Length), NumberStyles.None, CultureInfo.InvariantCulture))
            .Order()];
        EndOffset = bases.Length == 0 ? 0 : bases[0];
        for (int i = 0; i < bases.Length; i++)
        {
            string path = $"{Folder}/{Segment.NameOf(bases[i])}{Segment.Extension}";
            if (bases[i] != EndOffset)
            {
                // The segment before was cut off at its end: what follows was never acknowledged, or is reported as lost.
                if (provenOffset > EndOffset) throw new CorruptLogException(path, 0, $"it begins at offset {bases[i]}, but the log before it ends at {EndOffset}");
                Discard(bases.AsSpan(i));
                break;
            }

            var segment = new Segment(bases[i], path, disk.Open(path, create: false), options.IndexIntervalBytes);
            segments = [.. segments, segment];
            Scan(segment, isLast: i == bases.Length - 1, provenOffset);
            // What a process left behind that died may still be in the system's memory only.
            if (EndOffset > provenOffset) segment.IsDirty = true;
        }

        if (EndOffset > provenOffset || bases.Length > 0) disk.FlushFolder(Folder);

        highWatermark = EndOffset;
        UpdateStable();
    }

    private void Scan(Segment segment, bool isLast, long provenOffset)
    {
        long length = segment.File.Length;
        byte[] window = new byte[(int)Math.Min(Math.Max(length, RecordBatchHeader.Size), WindowBytes)];
        long windowStart = 0;
        int windowLength = 0;
        while (segment.Size < length)
        {
            long position = segment.Size;
            ReadOnlySpan<byte> batch = Window(segment, position, RecordBatchHeader.Size);
            string? damage = Examine(batch, length - position, out RecordBatchHeader header);
            if (damage is null)
            {
                // What is known to have been durable in a closed segment is not read whole: its framing is enough. All else is checked byte for byte.
                bool checkSums = isLast || header.NextOffset > provenOffset;
                batch = Window(segment, position, checkSums || header.IsControl ? header.TotalSize : RecordBatchHeader.Size);
                if (checkSums && !BatchSeal.HasRightChecksum(batch)) damage = "the checksum of its batch is wrong";
            }

            if (damage is not null)
            {
                CutOff(segment, length, damage, isLast, provenOffset);
                return;
            }

            segment.Index.Add(header.BaseOffset, position, header.MaxTimestamp);
            segment.Size += header.TotalSize;
            EndOffset = header.NextOffset;
            if (header.ProducerId >= 0) TakeProducer(in header, batch);
        }

        ReadOnlySpan<byte> Window(Segment source, long position, int size)
        {
            if (position < windowStart || position + size > windowStart + windowLength)
            {
                if (size > window.Length) window = new byte[size];
                windowStart = position;
                windowLength = source.File.Read(window, position);
            }

            int start = (int)(position - windowStart);
            return window.AsSpan(start, Math.Min(size, windowLength - start));
        }
    }

    private string? Examine(ReadOnlySpan<byte> head, long left, out RecordBatchHeader header)
    {
        if (!RecordBatchHeader.TryRead(head, out header)) return "a batch's header is incomplete";
        if (header.Magic != 2) return "no record batch begins there";
        if (header.Length < RecordBatchHeader.Size - RecordBatchHeader.Overhead || header.LastOffsetDelta < 0) return "a batch's length or count is impossible";
        if (header.BaseOffset != EndOffset) return $"a batch has base offset {header.BaseOffset} where {EndOffset} follows";
        return header.TotalSize > left ? "a batch is incomplete" : null;
    }

    private void CutOff(Segment segment, long length, string damage, bool isLast, long provenOffset)
    {
        long position = segment.Size;
        if (EndOffset < provenOffset && (!isLast || HasBatchBehind(segment, position, length))) throw new CorruptLogException(segment.Path, position, damage);
        options.OnRecovery?.Invoke(EndOffset < provenOffset
            ? $"{segment.Path} was cut off at byte {position} ({length - position} bytes, {damage}): records from offset {EndOffset} to {provenOffset - 1} had been acknowledged and are lost."
            : $"{segment.Path} was cut off at byte {position} ({length - position} bytes, {damage}): the torn end of a crash; nothing acknowledged is lost.");
        segment.File.SetLength(position);
        segment.IsDirty = true;
    }

    /// <summary>True when a whole batch with a right checksum and a later offset lies behind a position.</summary>
    private bool HasBatchBehind(Segment segment, long position, long length)
    {
        byte[] rest = new byte[(int)Math.Min(length - position, int.MaxValue / 2)];
        int read = segment.File.Read(rest, position);
        for (int at = 1; at + RecordBatchHeader.Size <= read; at++)
        {
            if (rest[at + 16] != 2) continue;
            long offset = BinaryPrimitives.ReadInt64BigEndian(rest.AsSpan(at));
            if (offset <= EndOffset || offset > EndOffset + int.MaxValue) continue;
            RecordBatchHeader.TryRead(rest.AsSpan(at), out RecordBatchHeader header);
            if (header.Length < RecordBatchHeader.Size - RecordBatchHeader.Overhead || header.TotalSize > read - at) continue;
            if (BatchSeal.HasRightChecksum(rest.AsSpan(at, header.TotalSize))) return true;
        }

        return false;
    }

    private void Discard(ReadOnlySpan<long> bases)
    {
        foreach (long baseOffset in bases)
        {
            string path = $"{Folder}/{Segment.NameOf(baseOffset)}{Segment.Extension}";
            options.OnRecovery?.Invoke($"{path} was removed: the log before it ends at offset {EndOffset}.");
            disk.Delete(path);
        }

        disk.FlushFolder(Folder);
    }
}
