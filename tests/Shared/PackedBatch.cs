using System.IO.Compression;
using K4os.Compression.LZ4.Streams;
using Pipelines.Protocol.Compression;
using Pipelines.Protocol.Records;
using Snappier;
using ZstdSharp;

namespace Pipelines.Tests;

/// <summary>Compressed batches, as producers make them and as nobody should.</summary>
internal static class PackedBatch
{
    /// <summary>Bytes as a codec packs them.</summary>
    internal static byte[] Pack(BatchCodec codec, ReadOnlySpan<byte> bytes)
    {
        using var target = new MemoryStream();
        switch (codec)
        {
            case BatchCodec.Gzip:
                using (var gzip = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(bytes);
                break;
            case BatchCodec.Snappy:
                target.Write(Snappy.CompressToArray(bytes));
                break;
            case BatchCodec.Lz4:
                using (var lz4 = LZ4Stream.Encode(target, leaveOpen: true)) lz4.Write(bytes);
                break;
            case BatchCodec.Zstd:
                using (var zstd = new Compressor()) target.Write(zstd.Wrap(bytes));
                break;
            default:
                target.Write(bytes);
                break;
        }

        return target.ToArray();
    }

    /// <summary>A batch of one record whose value is so many zeros: a small batch that grows large.</summary>
    internal static byte[] Bomb(BatchCodec codec, ReadOnlySpan<byte> key, int valueBytes)
    {
        var writer = new RecordBatchWriter();
        writer.Add(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), key, new byte[valueBytes]);
        byte[] batch = writer.Complete(BatchProducer.None);
        return Of(codec, batch, Pack(codec, batch.AsSpan(RecordBatchHeader.Size)));
    }

    /// <summary>A batch with the header of another, a codec, and other bytes in the place of its records.</summary>
    internal static byte[] Of(BatchCodec codec, ReadOnlySpan<byte> batch, ReadOnlySpan<byte> records)
    {
        RecordBatchHeader.TryRead(batch, out RecordBatchHeader header);
        byte[] packed = new byte[RecordBatchHeader.Size + records.Length];
        records.CopyTo(packed.AsSpan(RecordBatchHeader.Size));
        (header with { Attributes = (BatchAttributes)(short)codec, Length = packed.Length - RecordBatchHeader.Overhead }).Write(packed);
        BatchSeal.WriteChecksum(packed);
        return packed;
    }
}
