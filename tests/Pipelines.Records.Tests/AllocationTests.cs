using Pipelines.Execution;

namespace Pipelines.Records.Tests;

/// <summary>Records without strings, arrays and lists cost no memory, in any format.</summary>
[Collection(nameof(Alone))]
public sealed class AllocationTests
{
    private static readonly Flat Sample = new(
        new Text("naïve \"host\""), true, 200, -100, -30000, 60000, -70000, uint.MaxValue, long.MinValue, ulong.MaxValue, 1.5f, Math.PI, -12.50m, 'ß', Guid.NewGuid(),
        new DateTimeOffset(2025, 12, 10, 9, 11, 0, 123, TimeSpan.FromHours(2)), new DateOnly(2025, 12, 10), TimeSpan.FromSeconds(1.5), Colour.Green, new Point(1, 2), 5, new Point(3, 4), Guid.Empty);

    [Fact]
    public void MessagePack() => Free(in Sample);

    [Fact]
    public void Json()
    {
        // A text with an escape is unescaped into memory of its own; this one has none.
        var json = new FlatJson(
            new Text("naïve host"), Sample.Bool, Sample.Byte, Sample.SByte, Sample.Short, Sample.UShort, Sample.Int, Sample.UInt, Sample.Long, Sample.ULong, Sample.Float, Sample.Double,
            Sample.Decimal, Sample.Char, Sample.Guid, Sample.At, Sample.Day, Sample.Span, Sample.Colour, Sample.Point, Sample.MaybeInt, Sample.MaybePoint, Sample.MaybeGuid);
        Free(in json);
    }

    [Fact]
    public void Text_format()
    {
        var line = new NumberedText(7, new Text("the line"));
        Free(in line);
    }

    [Fact]
    public void Keys_of_several_members()
    {
        var money = new Money(1.50m, Sample.At, 3);
        Free(in money);
    }

    private static void Free<T>(in T record)
        where T : struct, IRecord<T>
    {
        byte[] key = RoundTripTests.Key(in record);
        byte[] bytes = [.. key, .. RoundTripTests.Value(in record)];
        var entry = new RecordEntry(0, 0, 0, key.Length, key.Length, bytes.Length - key.Length, 0, 0);
        var target = new EncodeBuffer(4096);
        long sum = 0;
        long allocated = 0;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 5000; i++) Once();
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        // The last round only: the framework fills caches of its own while it is warmed up.
        Assert.Equal(0, allocated);
        Assert.NotEqual(0, sum);

        void Once()
        {
            target.Clear();
            T.Read(bytes, in entry, out T read);
            T.WriteKey(in read, target);
            T.WriteValue(in read, target);
            sum += T.EventTime(in read, 1) + target.Length;
        }
    }
}

[Topic("numbered-text", Format = Format.Text)]
public readonly partial record struct NumberedText([Key] long Number, Text Line);

/// <summary>Tests that measure memory run while no other does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
