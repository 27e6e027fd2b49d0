using System.Buffers.Binary;

namespace Pipelines.Protocol.Records;

/// <summary>The hash behind Kafka's default partitioner, so that records of one key meet whichever client wrote them.</summary>
/// <remarks>Source: MurmurHash2 (Austin Appleby, public domain) with the seed and sign rule of Kafka's clients. Compiled into more than one assembly.</remarks>
internal static class Murmur2
{
    private const uint Seed = 0x9747b28c;
    private const uint Multiplier = 0x5bd1e995;

    /// <summary>The 32-bit hash of <paramref name="key"/>.</summary>
    internal static int Hash(ReadOnlySpan<byte> key)
    {
        uint hash = Seed ^ (uint)key.Length;
        while (key.Length >= 4)
        {
            uint word = BinaryPrimitives.ReadUInt32LittleEndian(key) * Multiplier;
            word ^= word >> 24;
            hash = (hash * Multiplier) ^ (word * Multiplier);
            key = key[4..];
        }

        if (key.Length > 0)
        {
            if (key.Length > 2) hash ^= (uint)key[2] << 16;
            if (key.Length > 1) hash ^= (uint)key[1] << 8;
            hash = (hash ^ key[0]) * Multiplier;
        }

        hash = (hash ^ (hash >> 13)) * Multiplier;
        return (int)(hash ^ (hash >> 15));
    }

    /// <summary>The partition, of <paramref name="count"/>, that a record with this key belongs to.</summary>
    internal static int ToPartition(ReadOnlySpan<byte> key, int count) => (Hash(key) & int.MaxValue) % count;
}
