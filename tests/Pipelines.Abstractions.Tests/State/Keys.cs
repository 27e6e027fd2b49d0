using System.Buffers.Binary;

namespace Pipelines.Abstractions.Tests.State;

/// <summary>Keys of every length that the table treats in its own way: empty, padded, one word, two words, in the arena.</summary>
internal static class Keys
{
    private static readonly int[] Lengths = [0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 33, 100];

    /// <summary><paramref name="count"/> different keys; many share their first bytes, and some are zeros only.</summary>
    internal static byte[][] Make(Random random, int count)
    {
        var seen = new HashSet<string>();
        var keys = new List<byte[]>();
        while (keys.Count < count)
        {
            byte[] key = new byte[Lengths[random.Next(Lengths.Length)]];
            if (random.Next(4) > 0)
            {
                int changed = random.Next(key.Length + 1);
                random.NextBytes(key.AsSpan(key.Length - Math.Min(changed, 3)));
            }

            if (seen.Add(Convert.ToHexString(key))) keys.Add(key);
        }

        return [.. keys];
    }

    internal static byte[] Of(int number)
    {
        byte[] key = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(key, number);
        return key;
    }
}
