using System.Text;
using Pipelines.Protocol.Records;

namespace Pipelines.Records.Tests;

/// <summary>Keys and partitions that Kafka 4.3.1 computed with its own serializers and its built-in partitioner, over 12 partitions.</summary>
public sealed class KafkaKeyTests
{
    [Theory]
    [InlineData("", "", 9)]
    [InlineData("a", "61", 4)]
    [InlineData("host-7", "686f73742d37", 8)]
    [InlineData("naïve 🙂", "6e61c3af766520f09f9982", 10)]
    [InlineData("Straße/東京", "53747261c39f652fe69db1e4baac", 8)]
    public void String(string key, string hex, int partition)
    {
        Same(target => KeyCodec.Write(target, key), hex, partition);
        Same(target => KeyCodec.Write(target, new Text(key)), hex, partition);
        KeyCodec.Read(Convert.FromHexString(hex), out string read);
        Assert.Equal(key, read);
    }

    [Theory]
    [InlineData(0, "00000000", 4)]
    [InlineData(1, "00000001", 0)]
    [InlineData(-2, "fffffffe", 0)]
    [InlineData(300, "0000012c", 11)]
    [InlineData(int.MinValue, "80000000", 6)]
    [InlineData(int.MaxValue, "7fffffff", 3)]
    public void Integer(int key, string hex, int partition)
    {
        Same(target => KeyCodec.Write(target, key), hex, partition);
        KeyCodec.Read(Convert.FromHexString(hex), out int read);
        Assert.Equal(key, read);
    }

    [Theory]
    [InlineData(0, "0000000000000000", 11)]
    [InlineData(7, "0000000000000007", 11)]
    [InlineData(-1, "ffffffffffffffff", 5)]
    [InlineData(1765000000000, "0000019af232b200", 1)]
    [InlineData(long.MinValue, "8000000000000000", 4)]
    [InlineData(long.MaxValue, "7fffffffffffffff", 8)]
    public void Long(long key, string hex, int partition)
    {
        Same(target => KeyCodec.Write(target, key), hex, partition);
        KeyCodec.Read(Convert.FromHexString(hex), out long read);
        Assert.Equal(key, read);
    }

    [Theory]
    [InlineData(0, "0000", 6)]
    [InlineData(-2, "fffe", 3)]
    [InlineData(300, "012c", 5)]
    [InlineData(short.MinValue, "8000", 10)]
    public void Short(short key, string hex, int partition)
    {
        Same(target => KeyCodec.Write(target, key), hex, partition);
        KeyCodec.Read(Convert.FromHexString(hex), out short read);
        Assert.Equal(key, read);
    }

    [Theory]
    [InlineData(0f, "00000000", 4)]
    [InlineData(1.5f, "3fc00000", 11)]
    [InlineData(-3.25e-7f, "b4ae7ba9", 3)]
    public void Float(float key, string hex, int partition)
    {
        Same(target => KeyCodec.Write(target, key), hex, partition);
        KeyCodec.Read(Convert.FromHexString(hex), out float read);
        Assert.Equal(key, read);
    }

    [Theory]
    [InlineData(0d, "0000000000000000", 11)]
    [InlineData(Math.PI, "400921fb54442d18", 8)]
    [InlineData(-1e300, "fe37e43c8800759c", 9)]
    public void Double(double key, string hex, int partition)
    {
        Same(target => KeyCodec.Write(target, key), hex, partition);
        KeyCodec.Read(Convert.FromHexString(hex), out double read);
        Assert.Equal(key, read);
    }

    [Theory]
    [InlineData(false, "00", 8)]
    [InlineData(true, "01", 9)]
    public void Boolean(bool key, string hex, int partition) => Same(target => KeyCodec.Write(target, key), hex, partition);

    [Theory]
    [InlineData("0f8fad5b-d9cb-469f-a165-70867728950e", 9)]
    [InlineData("00000000-0000-0000-0000-000000000000", 9)]
    public void Uuid(string key, int partition) =>
        Same(target => KeyCodec.Write(target, Guid.Parse(key)), Convert.ToHexStringLower(Encoding.UTF8.GetBytes(key)), partition);

    [Fact]
    public void ByteArray() => Same(target => KeyCodec.Write(target, new byte[] { 0, 255, 16 }), "00ff10", 3);

    [Fact]
    public void Equal_values_are_one_key()
    {
        Assert.Equal(RoundTripTests.Key(new Price(1.5m)), RoundTripTests.Key(new Price(1.500m)));
        Assert.NotEqual(RoundTripTests.Key(new Price(1.5m)), RoundTripTests.Key(new Price(15m)));
        Assert.Equal(RoundTripTests.Key(new Price(decimal.MaxValue)), RoundTripTests.Key(new Price(79228162514264337593543950335m)));
        var at = new DateTimeOffset(2025, 12, 10, 9, 0, 0, TimeSpan.Zero);
        Assert.Equal(RoundTripTests.Key(new Money(2m, at, 1)), RoundTripTests.Key(new Money(2.0m, at.ToOffset(TimeSpan.FromHours(5)), 2)));
    }

    [Fact]
    public void The_key_of_a_text_record_is_read_by_its_type()
    {
        Numbered read = RoundTripTests.Read<Numbered>(RoundTripTests.Key(new Numbered(-5, "")), "line"u8.ToArray());
        Assert.Equal(new Numbered(-5, "line"), read);
        Assert.Equal(new Numbered(0, "line"), RoundTripTests.Read<Numbered>(null, "line"u8.ToArray()));
        Assert.Equal(
            "Record 'Pipelines.Records.Tests.Numbered', member 'Number', byte 0 of the key: A key has 3 bytes where 4 were expected.",
            Assert.Throws<RecordFormatException>(() => RoundTripTests.Read<Numbered>([1, 2, 3], [])).Message);
        MaybeNumbered none = RoundTripTests.Read<MaybeNumbered>(RoundTripTests.Key(new MaybeNumbered(null, "")), "line"u8.ToArray());
        Assert.Equal(new MaybeNumbered(null, "line"), none);
        Assert.Equal(new MaybeNumbered(DayOfWeek.Friday, "line"), RoundTripTests.Read<MaybeNumbered>(RoundTripTests.Key(new MaybeNumbered(DayOfWeek.Friday, "")), "line"u8.ToArray()));
    }

    [Fact]
    public void A_key_that_the_value_holds_too_may_be_anything() =>
        Assert.Equal(new Small(7, 8, 9), RoundTripTests.Read<Small>([1, 2, 3], RoundTripTests.Value(new Small(7, 8, 9))));

    private static void Same(Action<EncodeBuffer> write, string hex, int partition)
    {
        var target = new EncodeBuffer();
        write(target);
        Assert.Equal(hex, Convert.ToHexStringLower(target.Written));
        Assert.Equal(partition, (Murmur2.Hash(target.Written) & 0x7FFFFFFF) % 12);
    }
}
