using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Groups;

namespace Pipelines.Runtime.Tests.Groups;

/// <summary>What must hold however many members, topics and partitions there are, and whatever was held before.</summary>
public sealed class ShardAssignorTests
{
    private const int Rounds = 500;

    [Fact]
    public void Every_partition_has_exactly_one_owner()
    {
        for (int seed = 0; seed < Rounds; seed++)
        {
            var world = new World(seed);
            for (int step = 0; step < 6; step++)
            {
                Shares shares = world.Step();
                PartitionId[] all = [.. world.PartitionsOf.SelectMany(static topic => Enumerable.Range(0, topic.Value).Select(partition => new PartitionId(topic.Key, partition)))];
                Assert.True(all.ToHashSet().SetEquals(shares.SelectMany(static share => share.Value)), $"seed {seed}, step {step}");
                Assert.Equal(all.Length, shares.Sum(static share => share.Value.Count));
            }
        }
    }

    [Fact]
    public void Topics_that_are_read_together_have_one_owner_of_each_number()
    {
        for (int seed = 0; seed < Rounds; seed++)
        {
            var world = new World(seed);
            for (int step = 0; step < 6; step++)
            {
                Shares shares = world.Step();
                foreach (IReadOnlyList<string> set in world.Sets)
                {
                    foreach (IReadOnlyList<PartitionId> share in shares.Values)
                    {
                        foreach (string topic in set)
                        {
                            int[] own = [.. share.Where(partition => partition.Topic == topic).Select(static partition => partition.Partition).Order()];
                            int[] widest = [.. share.Where(partition => set.Contains(partition.Topic)).Select(static partition => partition.Partition).Distinct().Order()];
                            Assert.Equal(widest.Where(number => number < world.PartitionsOf[topic]), own);
                        }
                    }
                }
            }
        }
    }

    [Fact]
    public void Shards_are_balanced_in_each_set_and_in_all()
    {
        for (int seed = 0; seed < Rounds; seed++)
        {
            var world = new World(seed);
            for (int step = 0; step < 6; step++)
            {
                Shares shares = world.Step();
                int[] totals = new int[shares.Count];
                foreach (IReadOnlyList<string> set in world.Sets)
                {
                    int[] counts = [.. shares.OrderBy(static share => share.Key, StringComparer.Ordinal).Select(share =>
                        share.Value.Where(partition => set.Contains(partition.Topic)).Select(static partition => partition.Partition).Distinct().Count())];
                    Assert.InRange(counts.Max() - counts.Min(), 0, 1);
                    for (int i = 0; i < counts.Length; i++) totals[i] += counts[i];
                }

                Assert.InRange(totals.Max() - totals.Min(), 0, 1);
            }
        }
    }

    [Fact]
    public void Nothing_moves_while_the_members_stay()
    {
        for (int seed = 0; seed < Rounds; seed++)
        {
            var world = new World(seed);
            Shares first = world.Step();
            for (int again = 0; again < 3; again++) AssertSame(first, world.Share());
        }
    }

    [Fact]
    public void Who_comes_takes_its_part_and_nothing_moves_between_the_others()
    {
        for (int seed = 0; seed < Rounds; seed++)
        {
            var world = new World(seed, sets: 1);
            Shares before = world.Share();
            world.Add();
            Shares after = world.Share();
            foreach ((string id, IReadOnlyList<PartitionId> share) in before) Assert.True(after[id].All(share.Contains), $"seed {seed}");
        }
    }

    [Fact]
    public void Who_goes_leaves_its_part_to_the_others_who_keep_theirs()
    {
        for (int seed = 0; seed < Rounds; seed++)
        {
            var world = new World(seed, sets: 1);
            world.Add();
            Shares before = world.Share();
            string gone = world.Remove();
            Shares after = world.Share();
            foreach ((string id, IReadOnlyList<PartitionId> share) in before)
            {
                if (id != gone) Assert.True(share.All(after[id].Contains), $"seed {seed}");
            }
        }
    }

    [Fact]
    public void The_same_members_in_another_order_get_the_same()
    {
        for (int seed = 0; seed < Rounds; seed++)
        {
            var world = new World(seed);
            world.Step();
            AssertSame(
                new Shares(ShardAssignor.Assign(world.Members, world.PartitionsOf)),
                new Shares(ShardAssignor.Assign([.. world.Members.Reverse()], world.PartitionsOf)));
        }
    }

    [Fact]
    public void What_another_holds_is_withheld_until_it_is_released()
    {
        IReadOnlyList<IReadOnlyList<string>> sets = [["a", "b"]];
        var partitions = new Dictionary<string, int> { ["a"] = 2, ["b"] = 2 };
        PartitionId[] all = [new("a", 0), new("b", 0), new("a", 1), new("b", 1)];
        GroupCandidate[] members = [new("one", sets, all, 3), new("two", sets, [], -1)];
        IReadOnlyDictionary<string, IReadOnlyList<PartitionId>> wanted = ShardAssignor.Assign(members, partitions);
        Assert.Equal(2, wanted["two"].Count);
        IReadOnlyDictionary<string, IReadOnlyList<PartitionId>> given = ShardAssignor.Withhold(wanted, members);
        Assert.Equal(wanted["one"], given["one"]);
        Assert.Empty(given["two"]);
        members[0] = members[0] with { Held = [.. wanted["one"]] };
        Assert.Equal(wanted["two"], ShardAssignor.Withhold(ShardAssignor.Assign(members, partitions), members)["two"]);
    }

    [Fact]
    public void Topics_that_only_some_members_know_go_to_those()
    {
        GroupCandidate[] members = [new("new", [["a", "b"]], [], -1), new("old", [["a"]], [new("a", 0), new("a", 1)], 5)];
        IReadOnlyDictionary<string, IReadOnlyList<PartitionId>> shares = ShardAssignor.Assign(members, new Dictionary<string, int> { ["a"] = 2, ["b"] = 2 });
        Assert.Equal(4, shares["new"].Count);
        Assert.Empty(shares["old"]);
    }

    private static void AssertSame(Shares one, Shares other)
    {
        Assert.Equal(one.Keys.Order(), other.Keys.Order());
        foreach ((string id, IReadOnlyList<PartitionId> share) in one) Assert.Equal(share, other[id]);
    }

    private sealed class Shares(IReadOnlyDictionary<string, IReadOnlyList<PartitionId>> shares) : Dictionary<string, IReadOnlyList<PartitionId>>(shares);

    /// <summary>A group whose members come and go at random and hold what they were given.</summary>
    private sealed class World
    {
        private readonly Random random;
        private readonly List<GroupCandidate> members = [];
        private int generation;
        private int named;

        internal World(int seed, int? sets = null)
        {
            random = new Random(seed);
            int count = sets ?? random.Next(1, 5);
            for (int set = 0; set < count; set++)
            {
                string[] topics = [.. Enumerable.Range(0, random.Next(1, 4)).Select(topic => $"topic-{set}-{topic}")];
                int partitions = random.Next(1, 20);
                foreach (string topic in topics) PartitionsOf[topic] = random.Next(5) == 0 ? random.Next(1, partitions + 1) : partitions;
                Sets.Add(topics);
            }

            for (int i = random.Next(1, 6); i > 0; i--) Add();
        }

        internal Dictionary<string, int> PartitionsOf { get; } = [];

        internal List<IReadOnlyList<string>> Sets { get; } = [];

        internal IReadOnlyCollection<GroupCandidate> Members => members;

        internal void Add() => members.Insert(random.Next(members.Count + 1), new GroupCandidate($"member-{random.Next(1000)}-{named++}", Sets, [], -1));

        internal string Remove()
        {
            int at = random.Next(members.Count);
            string id = members[at].Id;
            members.RemoveAt(at);
            return id;
        }

        /// <summary>One comes, one goes, or neither; then the group shares.</summary>
        internal Shares Step()
        {
            switch (random.Next(3))
            {
                case 0: Add(); break;
                case 1 when members.Count > 1: Remove(); break;
            }

            return Share();
        }

        internal Shares Share()
        {
            var shares = new Shares(ShardAssignor.Assign(members, PartitionsOf));
            generation++;
            for (int i = 0; i < members.Count; i++) members[i] = members[i] with { Held = [.. shares[members[i].Id]], Generation = generation };
            return shares;
        }
    }
}
