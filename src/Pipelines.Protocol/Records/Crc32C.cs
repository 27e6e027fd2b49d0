using System.Buffers.Binary;
using System.Numerics;

namespace Pipelines.Protocol.Records;

/// <summary>The checksum of a record batch: CRC-32C (Castagnoli), with the processor's instruction where there is one.</summary>
/// <remarks>Source: RFC 3720, appendix B.4; Kafka record batch format v2 (KIP-98).</remarks>
public static class Crc32C
{
    /// <summary>The checksum of <paramref name="data"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        // BitOperations uses SSE4.2 or the ARM instruction, and a table where neither exists.
        while (data.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[8..];
        }

        foreach (byte next in data) crc = BitOperations.Crc32C(crc, next);
        return ~crc;
    }
}
