using Pipelines.Execution;

namespace Pipelines.Abstractions.Tests.State;

public class KeyTableTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Holds_what_a_dictionary_holds_through_adding_removing_and_growing(int seed)
    {
        var random = new Random(seed);
        byte[][] keys = Keys.Make(random, 900);
        var table = new KeyTable<long>();
        var expected = new Dictionary<string, long>();
        for (int step = 0; step < 40_000; step++)
        {
            byte[] key = keys[random.Next(Math.Min(keys.Length, 20 + (step / 20)))];
            string name = Convert.ToHexString(key);
            if (random.Next(3) == 0)
            {
                int index = table.Find(key);
                Assert.Equal(expected.Remove(name), index >= 0);
                if (index >= 0) table.RemoveAt(index);
            }
            else
            {
                int index = table.GetOrAdd(key, out bool added);
                Assert.Equal(!expected.ContainsKey(name), added);
                Assert.Equal(expected.GetValueOrDefault(name), table[index].State);
                expected[name] = table[index].State = step;
            }

            Assert.Equal(expected.Count, table.Count);
            if (step % 500 == 0) AssertSame(expected, keys, table);
        }

        AssertSame(expected, keys, table);
    }

    [Fact]
    public void Keys_that_differ_only_in_trailing_zeros_are_different()
    {
        var table = new KeyTable<int>();
        for (int length = 0; length <= 40; length++) table[table.GetOrAdd(new byte[length], out _)].State = length;
        Assert.Equal(41, table.Count);
        for (int length = 0; length <= 40; length++)
        {
            int index = table.Find(new byte[length]);
            Assert.Equal(length, table[index].State);
            Assert.Equal(length, table.KeyAt(index).Length);
        }
    }

    [Fact]
    public void Short_keys_of_a_state_with_references_read_back_as_they_were()
    {
        var table = new KeyTable<Note>();
        for (int length = 0; length <= 17; length++)
        {
            byte[] key = [.. Enumerable.Range(1, length).Select(static i => (byte)i)];
            table[table.GetOrAdd(key, out _)].State = new Note(length.ToString("D2", null), length);
            Assert.Equal(key, table.KeyAt(table.Find(key)).ToArray());
        }
    }

    [Fact]
    public void Keys_that_come_and_go_take_no_more_memory()
    {
        var table = new KeyTable<long>();
        byte[] key = new byte[40];
        long bytes = 0;
        for (int round = 0; round < 200_000; round++)
        {
            BitConverter.TryWriteBytes(key, round);
            table.GetOrAdd(key, out _);
            // A dozen keys stay, the oldest goes: never the newest, whose bytes would be taken back at once.
            if (round >= 12)
            {
                BitConverter.TryWriteBytes(key, round - 12);
                table.RemoveAt(table.Find(key));
            }

            if (round == 1_000) bytes = table.Bytes;
        }

        Assert.Equal(12, table.Count);
        Assert.Equal(bytes, table.Bytes);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(20)]
    public void Keys_that_count_up_do_not_crowd(int lengthBytes)
    {
        const int Count = 100_000;
        var table = new KeyTable<int>();
        for (int i = 0; i < Count; i++) table.GetOrAdd(Numbered(i, lengthBytes), out _);
        // A run of occupied slots bounds every search in it. At random, the longest at this load is about a hundred.
        int longest = 0;
        int run = 0;
        for (int i = 0; i < table.Capacity; i++)
        {
            run = table[i].IsOccupied ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        Assert.InRange(longest, 1, 250);
    }

    private static byte[] Numbered(int number, int lengthBytes)
    {
        byte[] key = new byte[lengthBytes];
        Keys.Of(number).CopyTo(key.AsSpan(lengthBytes - 4));
        return key;
    }

    private static void AssertSame(Dictionary<string, long> expected, byte[][] keys, KeyTable<long> table)
    {
        foreach (byte[] key in keys)
        {
            int index = table.Find(key);
            bool isThere = expected.TryGetValue(Convert.ToHexString(key), out long state);
            Assert.Equal(isThere, index >= 0);
            if (isThere) Assert.Equal(state, table[index].State);
        }

        int occupied = 0;
        for (int i = 0; i < table.Capacity; i++)
        {
            if (!table[i].IsOccupied) continue;
            occupied++;
            Assert.Equal(expected[Convert.ToHexString(table.KeyAt(i))], table[i].State);
        }

        Assert.Equal(expected.Count, occupied);
    }
}
