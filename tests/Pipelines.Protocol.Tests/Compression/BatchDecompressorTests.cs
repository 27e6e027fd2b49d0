using System.Buffers.Binary;
using System.Text;
using Pipelines.Protocol.Compression;
using Pipelines.Protocol.Records;
using Pipelines.Tests;
using Snappier;

namespace Pipelines.Protocol.Tests.Compression;

public sealed class BatchDecompressorTests
{
    private static readonly byte[] Text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 5_000).Select(static i => $"{i} and again ")));

    public static TheoryData<BatchCodec> Codecs => [BatchCodec.None, BatchCodec.Gzip, BatchCodec.Snappy, BatchCodec.Lz4, BatchCodec.Zstd];

    [Theory]
    [MemberData(nameof(Codecs))]
    public void What_a_codec_packed_is_unpacked(BatchCodec codec) =>
        Assert.Equal(Text, BatchDecompressor.Decompress(Header(codec), PackedBatch.Pack(codec, Text)).ToArray());

    [Fact]
    public void Blocks_of_Java_clients_are_unpacked()
    {
        using var framed = new MemoryStream();
        framed.Write([0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1]);
        foreach (byte[] piece in Text.Chunk(32 * 1024))
        {
            byte[] block = Snappy.CompressToArray(piece);
            byte[] length = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, block.Length);
            framed.Write(length);
            framed.Write(block);
        }

        Assert.Equal(Text, BatchDecompressor.Decompress(Header(BatchCodec.Snappy), framed.ToArray()).ToArray());
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Damage_ends_in_a_corrupt_batch_and_nothing_else(BatchCodec codec)
    {
        if (codec == BatchCodec.None) return;
        var random = new Random(17);
        byte[] packed = PackedBatch.Pack(codec, Text);
        for (int i = 0; i < 500; i++)
        {
            byte[] damaged = packed.AsSpan(0, random.Next(packed.Length)).ToArray();
            for (int j = 0; j < 3 && damaged.Length > 0; j++) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            Exception? problem = Record.Exception(() => BatchDecompressor.Decompress(Header(codec), damaged));
            Assert.True(problem is null or CorruptBatchException, $"{codec}, {Convert.ToHexString(damaged.AsSpan(0, Math.Min(40, damaged.Length)))}: {problem}");
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void What_grows_too_large_is_refused(BatchCodec codec)
    {
        if (codec == BatchCodec.None) return;
        var problem = Assert.Throws<CorruptBatchException>(() => BatchDecompressor.Decompress(Header(codec), PackedBatch.Pack(codec, Text), maxBytes: 10_000));
        Assert.Contains("decompress to more than 10000 bytes", problem.Message);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void A_bomb_takes_no_more_memory_than_was_allowed(BatchCodec codec)
    {
        if (codec == BatchCodec.None) return;
        const int Allowed = 1024 * 1024;
        byte[] packed = PackedBatch.Pack(codec, new byte[64 * Allowed]);
        BatchDecompressor.Decompress(Header(codec), PackedBatch.Pack(codec, Text));
        long before = GC.GetAllocatedBytesForCurrentThread();
        var problem = Assert.Throws<CorruptBatchException>(() => BatchDecompressor.Decompress(Header(codec), packed, Allowed));
        long taken = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(problem.IsTooLarge, problem.Message);
        // The bytes, what they grew from, and what the codec needs.
        Assert.True(taken < 12 * Allowed, $"{taken} bytes were taken");
    }

    [Fact]
    public void A_length_that_lies_takes_no_memory()
    {
        byte[] lie = [0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0x00];
        long before = GC.GetAllocatedBytesForCurrentThread();
        var problem = Assert.Throws<CorruptBatchException>(() => BatchDecompressor.Decompress(Header(BatchCodec.Snappy), lie, int.MaxValue));
        Assert.Contains("says that it holds 2147483647", problem.Message);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
    }

    [Fact]
    public void A_codec_that_does_not_exist_is_refused() =>
        Assert.Throws<CorruptBatchException>(() => BatchDecompressor.Decompress(new RecordBatchHeader { Attributes = (BatchAttributes)7 }, Text));

    private static RecordBatchHeader Header(BatchCodec codec) => new() { Attributes = (BatchAttributes)(short)codec };
}
