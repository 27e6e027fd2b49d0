using Pipelines.Protocol.Records;

namespace Pipelines.Soak.Fuzzing;

/// <summary>The values that random requests are made of: few enough that requests meet each other's topics, groups and producers, and some that are odd.</summary>
internal sealed class Words(Random random)
{
    internal static readonly string[] Topics = ["alpha", "beta", "gamma"];

    private static readonly string[] Names =
    [
        .. Topics, "alpha", "beta", "t-1", "t-2", "t-1", "t-2", "g-1", "g-2", "", ".", "..", "../../etc/passwd", "a/b", "Alpha", "al.pha", "al_pha", new('x', 249), new('y', 250),
        "line\r\nbreak", "\0", "é世😀", "range", "consumer", "Ongoing", "cleanup.policy", "compact", "retention.ms", "-1", "9999999999999999999", "(a+)+$", "[", "1",
    ];

    private static readonly long[] Numbers =
    [
        0, 0, 0, 0, 1, 1, 1, 2, 3, 4, 5, -1, -1, -2, -3, -4, -5, 10, 100, 1000, 10_000, 10_001, 60_000, 1_800_000,
        sbyte.MaxValue, sbyte.MinValue, short.MaxValue, short.MinValue, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue,
    ];

    private readonly List<string> seen = [];
    private readonly List<Guid> ids = [];

    /// <summary>A name that the broker made, such as a member's id.</summary>
    internal void Learn(string name)
    {
        if (seen.Count < 64) seen.Add(name);
        else seen[random.Next(seen.Count)] = name;
    }

    internal void Learn(Guid id) => ids.Add(id);

    internal string Name() => seen.Count > 0 && random.Next(6) == 0 ? seen[random.Next(seen.Count)] : Names[random.Next(Names.Length)];

    internal long Number() => random.Next(12) == 0 ? random.NextInt64(long.MinValue, long.MaxValue) : Numbers[random.Next(Numbers.Length)];

    internal Guid Id() => ids.Count > 0 && random.Next(4) > 0 ? ids[random.Next(ids.Count)] : random.Next(2) == 0 ? Guid.Empty : new Guid(Bytes(16));

    internal byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>A batch of a producer, more often right than not.</summary>
    internal ReadOnlyMemory<byte> Batches()
    {
        if (random.Next(8) == 0) return Bytes(random.Next(200));
        var writer = new RecordBatchWriter();
        for (int count = random.Next(1, 4); count > 0; count--)
            writer.Add(1_700_000_000_000 + random.Next(10_000), Bytes(random.Next(8)), Bytes(random.Next(40)), hasKey: random.Next(4) > 0, hasValue: random.Next(4) > 0);
        BatchProducer producer = random.Next(3) == 0 ? BatchProducer.None : new BatchProducer(random.Next(1, 12), (short)random.Next(3), random.Next(6), random.Next(2) == 0);
        byte[] batch = writer.Complete(producer);
        // Changed behind the checksum's back, so that what is behind it is looked at.
        if (random.Next(4) == 0)
        {
            batch[random.Next(RecordBatchHeader.ChecksumStart, batch.Length)] ^= (byte)(1 << random.Next(8));
            BatchSeal.WriteChecksum(batch);
        }

        return random.Next(6) == 0 ? (byte[])[.. batch, .. batch] : batch;
    }
}
