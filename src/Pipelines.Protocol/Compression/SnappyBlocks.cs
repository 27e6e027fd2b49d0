using System.Buffers.Binary;
using Snappier;

namespace Pipelines.Protocol.Compression;

/// <summary>Snappy as producers send it: librdkafka a raw block, Java blocks behind a header of its own.</summary>
/// <remarks>
/// Source: snappy-java's SnappyOutputStream: eight bytes of magic, two 32-bit versions, then blocks behind their 32-bit length, all big-endian.
/// It is not Snappy's standard framing.
/// </remarks>
internal static class SnappyBlocks
{
    private const int HeaderBytes = 16;

    // Three bytes repeat at most 64: who says more lies, and gets no memory for it.
    private const int MostRatio = 22;

    private static ReadOnlySpan<byte> Magic => [0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0];

    /// <summary>Unpacks either form.</summary>
    internal static ReadOnlyMemory<byte> Decompress(ReadOnlySpan<byte> source, int maxBytes)
    {
        if (source.Length < HeaderBytes || !source.StartsWith(Magic))
        {
            byte[] whole = new byte[LengthOf(source, 0, maxBytes)];
            Unpack(source, whole);
            return whole;
        }

        ReadOnlySpan<byte> blocks = source[HeaderBytes..];
        int total = 0;
        for (int at = 0; at < blocks.Length;) total += LengthOf(Block(blocks, ref at), total, maxBytes);
        byte[] target = new byte[total];
        int written = 0;
        for (int at = 0; at < blocks.Length;)
        {
            ReadOnlySpan<byte> block = Block(blocks, ref at);
            int length = Snappy.GetUncompressedLength(block);
            Unpack(block, target.AsSpan(written, length));
            written += length;
        }

        return target;
    }

    private static void Unpack(ReadOnlySpan<byte> block, Span<byte> target)
    {
        int written = Snappy.Decompress(block, target);
        if (written != target.Length) throw new InvalidDataException($"a block says {target.Length} bytes and holds {written}");
    }

    private static int LengthOf(ReadOnlySpan<byte> block, int before, int maxBytes)
    {
        int length = Snappy.GetUncompressedLength(block);
        if (length < 0 || length > (long)block.Length * MostRatio) throw new InvalidDataException($"a block of {block.Length} bytes says that it holds {(uint)length}");
        if (length > maxBytes - before) BatchDecompressor.ThrowTooLarge(maxBytes);
        return length;
    }

    private static ReadOnlySpan<byte> Block(ReadOnlySpan<byte> blocks, ref int at)
    {
        int left = blocks.Length - at - sizeof(int);
        int length = left >= 0 ? BinaryPrimitives.ReadInt32BigEndian(blocks[at..]) : -1;
        if (length < 0 || length > left) throw new InvalidDataException($"a block of {length} bytes does not fit into what is left");
        at += sizeof(int) + length;
        return blocks.Slice(at - length, length);
    }
}
