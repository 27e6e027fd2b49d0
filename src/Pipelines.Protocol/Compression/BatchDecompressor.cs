using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using K4os.Compression.LZ4.Streams;
using Pipelines.Protocol.Records;
using ZstdSharp;

namespace Pipelines.Protocol.Compression;

/// <summary>The codecs that the records of a batch may be compressed with.</summary>
/// <remarks>Source: Kafka record batch format v2 (KIP-98), attributes; zstd by KIP-110.</remarks>
public enum BatchCodec
{
    /// <summary>Not compressed.</summary>
    None = 0,

    /// <summary>Gzip, RFC 1952.</summary>
    Gzip = 1,

    /// <summary>Snappy: a raw block, or blocks in the framing of snappy-java.</summary>
    Snappy = 2,

    /// <summary>LZ4 in its frame format.</summary>
    Lz4 = 3,

    /// <summary>Zstandard, RFC 8878.</summary>
    Zstd = 4,
}

/// <summary>Unpacks the records of compressed batches.</summary>
public static class BatchDecompressor
{
    /// <summary>The most that a batch may grow to when nothing else is said, so that a small one cannot fill the memory.</summary>
    public const int DefaultMaxBytes = 256 * 1024 * 1024;

    private const int FirstBytes = 16 * 1024;

    /// <summary>The records of a batch, as they were before they were compressed: what a <see cref="RecordCursor"/> walks.</summary>
    /// <param name="header">The batch's header, which names the codec.</param>
    /// <param name="records">What follows the header.</param>
    /// <param name="maxBytes">The most that the records may grow to.</param>
    /// <returns>Memory of the caller's own; for a batch that is not compressed, <paramref name="records"/> itself.</returns>
    /// <exception cref="CorruptBatchException">The bytes are not what the codec makes, they grow too large, or the codec is not known.</exception>
    public static ReadOnlyMemory<byte> Decompress(in RecordBatchHeader header, ReadOnlyMemory<byte> records, int maxBytes = DefaultMaxBytes)
    {
        var codec = (BatchCodec)header.Compression;
        try
        {
            return codec switch
            {
                BatchCodec.None => records,
                BatchCodec.Gzip => ReadAll(new GZipStream(Reader(records), CompressionMode.Decompress), maxBytes),
                BatchCodec.Snappy => SnappyBlocks.Decompress(records.Span, maxBytes),
                BatchCodec.Lz4 => ReadAll(LZ4Stream.Decode(Reader(records)), maxBytes),
                BatchCodec.Zstd => ReadAll(new DecompressionStream(Reader(records)), maxBytes),
                _ => throw new CorruptBatchException($"The batch says that it is compressed with codec {header.Compression}, which does not exist.", RecordBatchHeader.ChecksumStart),
            };
        }
        catch (Exception damage) when (damage is not (CorruptBatchException or OutOfMemoryException))
        {
            // Each codec has exceptions of its own for damage, down to InvalidOperationException.
            throw new CorruptBatchException($"The records cannot be decompressed with {codec}: {damage.Message}", RecordBatchHeader.Size);
        }
    }

    [DoesNotReturn]
    internal static void ThrowTooLarge(int maxBytes) =>
        throw new CorruptBatchException($"The records decompress to more than {maxBytes} bytes. Read them with a larger limit, if they are meant to be that large.", RecordBatchHeader.Size) { IsTooLarge = true };

    private static MemoryStream Reader(ReadOnlyMemory<byte> records) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(records, out ArraySegment<byte> array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(records.ToArray(), writable: false);

    private static ReadOnlyMemory<byte> ReadAll(Stream stream, int maxBytes)
    {
        using Stream source = stream;
        byte[] target = new byte[FirstBytes];
        int written = 0;
        while (true)
        {
            // One byte more than is allowed tells that there is more; nothing grows beyond it.
            if (written == target.Length) Array.Resize(ref target, (int)Math.Min(maxBytes + 1L, target.Length * 2L));
            int read = source.Read(target, written, target.Length - written);
            if (read == 0) return target.AsMemory(0, written);
            written += read;
            if (written > maxBytes) ThrowTooLarge(maxBytes);
        }
    }
}
