using Pipelines.Execution;
using Pipelines.Protocol.Compression;
using Pipelines.Protocol.Records;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Runtime.Reading;

/// <summary>Cuts what a fetch brought into records, once for all deployments; leaves out control records, aborted ones, and those before the wanted offset.</summary>
internal sealed class BatchCutter(BatchPool pool, string topic, int partition)
{
    private const int MostExpected = 64 * 1024;
    private readonly Dictionary<long, Queue<long>> aborts = [];

    /// <summary>The records at or after <paramref name="wanted"/>; takes the fetch over.</summary>
    /// <returns>A batch with one reference, without records when only control records came; null when nothing came.</returns>
    /// <exception cref="BrokerException">The bytes are not record batches, or are compressed in a way that cannot be read here.</exception>
    internal RecordBatch? Cut(FetchedBatches fetched, long wanted)
    {
        if (fetched.Length < RecordBatchHeader.Size)
        {
            fetched.Dispose();
            return null;
        }

        PooledBatch pooled = pool.Rent();
        try
        {
            var cut = new CutState(fetched.Bytes, fetched.Begin, fetched.Begin + fetched.Length, wanted);
            Note(fetched.Aborted);
            CutAll(pooled, ref cut);
            // Decompressed records lie behind the fetched bytes, in an array of their own: the fetch is done with then.
            IDisposable? lender = fetched;
            if (!ReferenceEquals(cut.Bytes, fetched.Bytes))
            {
                fetched.Dispose();
                lender = null;
            }

            pooled.Fill(topic, partition, cut.Bytes, cut.Count, cut.NextOffset, lender);
            return pooled.Batch;
        }
        catch (Exception damage) when (damage is CorruptBatchException or InvalidDataException or NotSupportedException)
        {
            fetched.Dispose();
            throw new BrokerException(
                $"What was read from {topic}/{partition} at offset {wanted} cannot be cut into records: {damage.Message} Check the broker's log, or how the topic's producers compress.", isFatal: true, damage);
        }
    }

    private void Note(IReadOnlyList<AbortedTransaction> aborted)
    {
        aborts.Clear();
        for (int i = 0; i < aborted.Count; i++)
        {
            if (!aborts.TryGetValue(aborted[i].ProducerId, out Queue<long>? starts)) aborts.Add(aborted[i].ProducerId, starts = new Queue<long>());
            starts.Enqueue(aborted[i].FirstOffset);
        }
    }

    private void CutAll(PooledBatch pooled, ref CutState cut)
    {
        int position = cut.Begin;
        int fetchedEnd = cut.End;
        byte[] fetchedBytes = cut.Bytes;
        while (RecordBatchHeader.TryRead(fetchedBytes.AsSpan(position, fetchedEnd - position), out RecordBatchHeader header))
        {
            if (header.Magic != 2) throw new CorruptBatchException($"The batch at offset {header.BaseOffset} has magic {header.Magic}, not 2.", position + 16);
            int total = header.TotalSize;
            if (header.Length < RecordBatchHeader.Size - RecordBatchHeader.Overhead || header.RecordCount < 0)
                throw new CorruptBatchException($"The batch at offset {header.BaseOffset} has an impossible length or count.", position + 8);
            // The last batch of a fetch may be cut short; the next fetch brings it whole.
            if (total > fetchedEnd - position) break;
            if (header.NextOffset > cut.Wanted && !IsLeftOut(fetchedBytes.AsSpan(position, total), in header)) CutBatch(pooled, ref cut, fetchedBytes, position, in header);
            cut.NextOffset = Math.Max(cut.NextOffset, header.NextOffset);
            position += total;
        }
    }

    private static void CutBatch(PooledBatch pooled, ref CutState cut, byte[] source, int position, in RecordBatchHeader header)
    {
        int start = position + RecordBatchHeader.Size;
        int end = position + header.TotalSize;
        if (header.Compression != 0)
        {
            (start, end) = cut.Append(BatchDecompressor.Decompress(in header, source.AsMemory(start, end - start)).Span);
        }
        else if (cut.HasOwnBytes)
        {
            (start, end) = cut.Append(source.AsSpan(start, end - start));
        }

        if (header.RecordCount > end - start) throw new CorruptBatchException($"The batch at offset {header.BaseOffset} claims {header.RecordCount} records in {end - start} bytes.", position + 57);
        if (pooled.Entries.Length < cut.Count + header.RecordCount)
        {
            // Batches of one fetch are mostly alike.
            int alike = (cut.End - position) / header.TotalSize;
            pooled.Grow(cut.Count + header.RecordCount, (int)Math.Min(cut.Count + ((long)header.RecordCount * alike), MostExpected), cut.Count);
        }

        var records = new RecordCursor(cut.Bytes, start, end, in header);
        RecordEntry[] entries = pooled.Entries;
        while (records.MoveNext())
        {
            if (records.Offset < cut.Wanted) continue;
            entries[cut.Count++] = new RecordEntry(
                records.Offset, records.Timestamp, records.KeyStart, records.KeyLength, records.ValueStart, records.ValueLength, records.HeadersStart, records.HeaderCount);
        }
    }

    /// <summary>True for control batches and for those of an aborted transaction, whose end its abort marker tells.</summary>
    private bool IsLeftOut(ReadOnlySpan<byte> batch, in RecordBatchHeader header)
    {
        if (!header.IsTransactional) return header.IsControl;
        if (!aborts.TryGetValue(header.ProducerId, out Queue<long>? starts) || starts.Count == 0 || starts.Peek() > header.BaseOffset) return header.IsControl;
        if (header.IsControl && IsAbortMarker(batch, in header)) starts.Dequeue();
        return true;
    }

    private static bool IsAbortMarker(ReadOnlySpan<byte> batch, in RecordBatchHeader header)
    {
        var records = new RecordCursor(batch, RecordBatchHeader.Size, batch.Length, in header);
        // A control record's key is a version and a type, two bytes each; type 0 is an abort.
        return records.MoveNext() && records.KeyLength >= 4 && batch[records.KeyStart + 2] == 0 && batch[records.KeyStart + 3] == 0;
    }

    /// <summary>Where the cut stands.</summary>
    private struct CutState
    {
        private int ownLength;

        internal CutState(byte[] bytes, int begin, int end, long wanted)
        {
            Bytes = bytes;
            Begin = begin;
            End = ownLength = end;
            Wanted = NextOffset = wanted;
        }

        internal int Begin { get; }

        internal int End { get; }

        internal long Wanted { get; }

        internal byte[] Bytes { get; private set; }

        internal int Count { get; set; }

        internal long NextOffset { get; set; }

        /// <summary>True when the bytes are a copy that decompressed records were added to.</summary>
        internal bool HasOwnBytes { get; private set; }

        internal (int Start, int End) Append(ReadOnlySpan<byte> records)
        {
            byte[] larger = new byte[ownLength + records.Length];
            Bytes.AsSpan(0, ownLength).CopyTo(larger);
            records.CopyTo(larger.AsSpan(ownLength));
            (int start, ownLength) = (ownLength, larger.Length);
            Bytes = larger;
            HasOwnBytes = true;
            return (start, larger.Length);
        }
    }
}
