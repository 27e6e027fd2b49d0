using System.Text;
using Pipelines.Execution;

namespace Pipelines.Records.Tests;

/// <summary>Records drawn from a seed: what is written is read back, and what is damaged is refused in one way only. A failure prints seed and bytes.</summary>
public sealed class RandomRecordTests
{
    private const int Rounds = 4000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_is_written_is_read_back(int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < Rounds; i++)
        {
            Flat flat = Draw(random);
            byte[] value = RoundTripTests.Value(flat);
            Assert.True(flat == RoundTripTests.Read<Flat>(null, value), $"seed {seed}, round {i}: {Convert.ToHexString(value)}");
            FlatJson json = ToJson(flat);
            value = RoundTripTests.Value(json);
            Assert.True(json == RoundTripTests.Read<FlatJson>(null, value), $"seed {seed}, round {i}: {Encoding.UTF8.GetString(value)}");
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Random_bytes_are_a_record_or_a_decode_exception(int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < Rounds * 5; i++)
        {
            byte[] value = new byte[random.Next(0, 80)];
            random.NextBytes(value);
            // Half of them begin as a record does, or nothing but the first byte would ever be looked at.
            if (value.Length > 3 && i % 2 == 0) (value[0], value[1], value[2]) = (0xDC, 0, (byte)random.Next(32));
            if (random.Next(4) == 0) for (int k = 3; k < value.Length; k++) value[k] = (byte)random.Next(0x80, 0x100);
            Try<Everything>(value, seed, i);
            Try<Flat>(value, seed, i);
            Try<One.Tree>(value, seed, i);
            Try<EverythingJson>(value, seed, i);
        }
    }

    [Theory]
    [InlineData(6)]
    public void Damaged_json_is_a_record_or_a_decode_exception(int seed)
    {
        var random = new Random(seed);
        const string letters = "{}[]\":,\\u0eE+-.tfn \u00e4";
        for (int i = 0; i < Rounds; i++)
        {
            byte[] value = RoundTripTests.Value(ToJson(Draw(random)));
            for (int k = random.Next(1, 5); k > 0; k--) value[random.Next(value.Length)] = (byte)letters[random.Next(letters.Length)];
            Try<FlatJson>(value, seed, i);
        }
    }

    private static void Try<T>(byte[] value, int seed, int round)
        where T : struct, IRecord<T>
    {
        try
        {
            RoundTripTests.Read<T>(null, value);
        }
        catch (RecordFormatException expected)
        {
            Assert.Contains(T.Schema.Name, expected.Message, StringComparison.Ordinal);
        }
        catch (Exception other)
        {
            Assert.Fail($"seed {seed}, round {round}, {typeof(T).Name}, {Convert.ToHexString(value)}: {other}");
        }
    }

    private static Flat Draw(Random random) => new(
        Word(random), random.Next(2) == 0, (byte)Number(random), (sbyte)Number(random), (short)Number(random), (ushort)Number(random), (int)Number(random), (uint)Number(random),
        Number(random), (ulong)Number(random), random.NextSingle() * Number(random), random.NextDouble() * Number(random), Number(random) / (decimal)(1 + random.Next(1000)),
        (char)random.Next(0xD800), NextGuid(random), NextTime(random), DateOnly.FromDayNumber(random.Next(DateOnly.MaxValue.DayNumber + 1)), TimeSpan.FromTicks(Number(random)),
        (Colour)random.Next(256), new Point((int)Number(random), (int)Number(random)), random.Next(2) == 0 ? null : (int)Number(random),
        random.Next(2) == 0 ? null : new Point((int)Number(random), 0), random.Next(2) == 0 ? null : NextGuid(random));

    private static FlatJson ToJson(Flat f) => new(
        f.Id, f.Bool, f.Byte, f.SByte, f.Short, f.UShort, f.Int, f.UInt, f.Long, f.ULong, f.Float, f.Double, f.Decimal, f.Char, f.Guid, f.At, f.Day, f.Span, f.Colour, f.Point,
        f.MaybeInt, f.MaybePoint, f.MaybeGuid);

    /// <summary>As many short numbers as long ones: edges are found near powers of two.</summary>
    private static long Number(Random random)
    {
        long near = (1L << random.Next(64)) + random.Next(-2, 3);
        return random.Next(2) == 0 ? near : random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);
    }

    private static Text Word(Random random)
    {
        var text = new StringBuilder();
        for (int i = random.Next(random.Next(4) == 0 ? 300 : 40); i > 0; i--)
            text.Append(random.Next(8) switch { 0 => "🙂", 1 => "ß", 2 => "\u0001", 3 => "\"", 4 => "\\", _ => ((char)random.Next(32, 127)).ToString() });
        return new Text(text.ToString());
    }

    private static Guid NextGuid(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private static DateTimeOffset NextTime(Random random)
    {
        var offset = TimeSpan.FromMinutes(random.Next(-14 * 60, (14 * 60) + 1));
        long ticks = random.NextInt64(TimeSpan.TicksPerDay, DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay);
        // Whole seconds, whole milliseconds and ticks have forms of their own.
        ticks -= ticks % (random.Next(3) switch { 0 => TimeSpan.TicksPerSecond, 1 => TimeSpan.TicksPerMillisecond, _ => 1 });
        return new DateTimeOffset(ticks, offset);
    }
}
