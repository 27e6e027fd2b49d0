using System.Text;
using Pipelines.Protocol.Records;

namespace Pipelines.Protocol.Tests;

public sealed class RecordPrimitivesTests
{
    [Fact]
    public void Crc32C_has_the_published_check_value() => Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8));

    [Theory]
    // RFC 3720, appendix B.4: 32 bytes of zeroes, of ones, ascending.
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 0x8A9136AAu)]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", 0x62A8AB43u)]
    [InlineData("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", 0x46DD794Eu)]
    public void Crc32C_has_the_values_of_the_rfc(string hex, uint expected) =>
        Assert.Equal(expected, Crc32C.Compute(Convert.FromHexString(hex)));

    [Fact]
    public void Crc32C_is_the_same_bit_by_bit_at_any_length_and_place()
    {
        byte[] bytes = new byte[4000];
        new Random(1).NextBytes(bytes);
        foreach (int length in (int[])[.. Enumerable.Range(0, 20), .. Enumerable.Range(1520, 40), .. Enumerable.Range(3060, 30), 3999])
        {
            for (int start = 0; start < 2; start++)
            {
                uint crc = uint.MaxValue;
                foreach (byte next in bytes.AsSpan(start, length))
                {
                    crc ^= next;
                    for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
                }

                Assert.Equal(~crc, Crc32C.Compute(bytes.AsSpan(start, length)));
            }
        }
    }

    [Theory]
    // The vectors of Kafka's own clients.
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void Murmur2_has_the_values_of_Kafka(string key, int expected) =>
        Assert.Equal(expected, Murmur2.Hash(Encoding.UTF8.GetBytes(key)));

    [Fact]
    public void Partition_of_a_negative_hash_drops_the_sign_bit() =>
        Assert.Equal((-973932308 & int.MaxValue) % 7, Murmur2.ToPartition("21"u8, 7));

    [Theory]
    [InlineData(0L, "00")]
    [InlineData(-1L, "01")]
    [InlineData(1L, "02")]
    [InlineData(63L, "7E")]
    [InlineData(-64L, "7F")]
    [InlineData(64L, "8001")]
    [InlineData(int.MaxValue, "FEFFFFFF0F")]
    [InlineData(int.MinValue, "FFFFFFFF0F")]
    [InlineData(long.MaxValue, "FEFFFFFFFFFFFFFFFF01")]
    [InlineData(long.MinValue, "FFFFFFFFFFFFFFFFFF01")]
    public void Varint_round_trips_known_bytes(long value, string hex)
    {
        var bytes = new byte[Varint.MaxInt64Bytes];
        int written = Varint.Write(bytes, value);
        Assert.Equal(hex, Convert.ToHexString(bytes, 0, written));
        Assert.Equal(written, Varint.Size(value));

        Assert.True(Varint.TryReadInt64(bytes, out long wide, out int read));
        Assert.Equal((value, written), (wide, read));
        bool narrow = Varint.TryReadInt32(bytes, out int small, out _);
        Assert.Equal(value is >= int.MinValue and <= int.MaxValue, narrow);
        if (narrow) Assert.Equal(value, small);

        for (int cut = 0; cut < written; cut++)
            Assert.False(Varint.TryReadInt64(bytes.AsSpan(0, cut), out _, out _));
    }

    [Theory]
    [InlineData("FFFFFFFF1F")]
    [InlineData("FFFFFFFFFF0F")]
    public void Varint_refuses_what_does_not_fit_32_bits(string hex) =>
        Assert.False(Varint.TryReadInt32(Convert.FromHexString(hex), out _, out _));

    [Theory]
    [InlineData("FFFFFFFFFFFFFFFFFF02")]
    [InlineData("FFFFFFFFFFFFFFFFFFFF01")]
    public void Varint_refuses_what_does_not_fit_64_bits(string hex) =>
        Assert.False(Varint.TryReadInt64(Convert.FromHexString(hex), out _, out _));
}
