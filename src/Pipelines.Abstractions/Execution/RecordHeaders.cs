using System.Collections;
using Pipelines.Protocol.Records;

namespace Pipelines.Execution;

/// <summary>One header of a record.</summary>
public readonly ref struct RecordHeader
{
    internal RecordHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Name = name;
        Value = value;
    }

    /// <summary>The header's name as UTF-8.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The header's value; empty when null.</summary>
    public ReadOnlySpan<byte> Value { get; }
}

/// <summary>The headers of a record, read as they are walked.</summary>
public readonly struct RecordHeaders
{
    private readonly byte[] bytes;
    private readonly int start;

    /// <summary>The headers that <paramref name="entry"/> points at in <paramref name="bytes"/>.</summary>
    public RecordHeaders(byte[] bytes, in RecordEntry entry)
    {
        this.bytes = bytes;
        start = entry.HeadersStart;
        Count = entry.HeaderCount;
    }

    /// <summary>The number of headers.</summary>
    public int Count { get; }

    /// <summary>The value of the first header of that name.</summary>
    /// <returns><see langword="false"/> when there is none.</returns>
    public bool TryGet(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        foreach (RecordHeader header in this)
        {
            if (!header.Name.SequenceEqual(name)) continue;
            value = header.Value;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Walks the headers in order.</summary>
    public Enumerator GetEnumerator() => new(bytes, start, Count);

    /// <summary>Walks the headers in order.</summary>
    public ref struct Enumerator
    {
        private readonly ReadOnlySpan<byte> bytes;
        private int position;
        private int left;

        internal Enumerator(byte[] bytes, int start, int count)
        {
            this.bytes = bytes;
            position = start;
            left = count;
            Current = default;
        }

        /// <summary>The header that <see cref="MoveNext"/> came to.</summary>
        public RecordHeader Current { get; private set; }

        /// <summary>Goes to the next header.</summary>
        public bool MoveNext()
        {
            if (left == 0) return false;
            left--;
            Current = new RecordHeader(ReadPart(), ReadPart());
            return true;
        }

        private ReadOnlySpan<byte> ReadPart()
        {
            // The framing was checked when the batch was cut, so only a bug can make this fail.
            if (!Varint.TryReadInt32(bytes[position..], out int length, out int read))
                throw new RecordFormatException($"Header length at byte {position} is not a varint.");
            position += read;
            if (length <= 0) return default;
            ReadOnlySpan<byte> part = bytes.Slice(position, length);
            position += length;
            return part;
        }
    }
}
