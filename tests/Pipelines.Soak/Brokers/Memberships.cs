using Pipelines.Broker.Log;
using Pipelines.Soak.Brokers.Clients;
using Pipelines.Soak.Brokers.Processes;

namespace Pipelines.Soak.Brokers;

/// <summary>
/// What members of groups were told, compared as they are told it (I17): a generation has one owner for each partition, none comes back that is over, who is of one that is over
/// commits nothing, and committed offsets do not go back.
/// </summary>
/// <remarks>Answers cross on their way, so each is compared with what was known to anybody before its request was sent.</remarks>
/// <param name="ledger">Is told what is wrong.</param>
/// <param name="ask">Notes something in the ledger of another process, and tells its answer; null when it is kept here.</param>
internal sealed class Memberships(Ledger ledger, Func<Note, long>? ask)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> generations = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Group, TopicPartition Partition), long> floors = [];
    private readonly Dictionary<(int Generation, TopicPartition Partition), string> owners = [];
    private readonly Dictionary<(int Generation, string Member), HashSet<string>> given = [];

    private GroupFigures figures;

    internal GroupFigures Figures
    {
        get
        {
            lock (gate) return figures with { Generations = generations.Values.Sum() };
        }
    }

    /// <summary>The highest generation that any member of the group was told.</summary>
    internal int Generation(string group)
    {
        if (ask is not null) return (int)ask(new GenerationNote(group));
        lock (gate) return generations.GetValueOrDefault(group);
    }

    /// <summary>Offsets that the group's are known to have reached.</summary>
    internal Dictionary<TopicPartition, long> Floors(string group, IEnumerable<TopicPartition> partitions)
    {
        if (ask is not null) return partitions.ToDictionary(static one => one, one => ask(new FloorNote(group, one)));
        lock (gate) return partitions.ToDictionary(static one => one, one => floors.GetValueOrDefault((group, one)));
    }

    /// <summary>A member's JoinGroup was answered.</summary>
    internal void SawJoin(string group, Claim claim, int before)
    {
        if (IsNotedElsewhere(new JoinNote(group, claim, before))) return;
        lock (gate)
        {
            figures = figures with { Joins = figures.Joins + 1 };
            if (claim.Generation < before) ledger.Violate("a generation came back", $"{claim.MemberId} is told {claim.Generation} after {before}");
            generations[group] = Math.Max(generations.GetValueOrDefault(group), claim.Generation);
        }
    }

    /// <summary>A leader is about to give a member its share.</summary>
    internal void Give(int generation, string member, IReadOnlyList<TopicPartition> partitions)
    {
        if (IsNotedElsewhere(new GivenNote(generation, member, partitions))) return;
        lock (gate)
        {
            if (!given.TryGetValue((generation, member), out HashSet<string>? shares)) given[(generation, member)] = shares = new HashSet<string>(StringComparer.Ordinal);
            shares.Add(Text(partitions));
        }
    }

    /// <summary>A member got its share of a generation.</summary>
    internal void SawShare(int generation, string member, IReadOnlyCollection<TopicPartition> partitions)
    {
        if (IsNotedElsewhere(new ShareNote(generation, member, [.. partitions]))) return;
        lock (gate)
        {
            if (!given.TryGetValue((generation, member), out HashSet<string>? shares) || !shares.Contains(Text(partitions)))
                ledger.Violate("a member got what no leader gave it", $"{member}: {Text(partitions)} in generation {generation}");
            foreach (TopicPartition partition in partitions)
            {
                string known = owners.TryGetValue((generation, partition), out string? owner) ? owner : owners[(generation, partition)] = member;
                if (known != member) ledger.Violate("a partition had two owners", $"{partition} in generation {generation}: {known} and {member}");
            }
        }
    }

    /// <summary>True when another has the partition in a later generation.</summary>
    internal bool IsTakenOver(TopicPartition partition, int generation, string member)
    {
        lock (gate) return owners.Any(one => one.Key.Partition == partition && one.Key.Generation > generation && one.Value != member);
    }

    /// <summary>The broker took a claim; nobody may have been told a later generation before it was sent.</summary>
    internal void SawTaken(string what, Claim claim, int before)
    {
        if (claim.Generation >= 0 && claim.Generation < before) ledger.Violate("a generation that was over was heard", $"{what} of {claim.MemberId} in {claim.Generation}, after {before}");
    }

    /// <summary>A claim was refused.</summary>
    internal void SawFenced()
    {
        if (IsNotedElsewhere(new FencedNote())) return;
        lock (gate) figures = figures with { Fenced = figures.Fenced + 1 };
    }

    /// <summary>An offset was told; before the request was sent it was known to be at least <paramref name="before"/>.</summary>
    internal void SawOffset(string group, TopicPartition partition, long offset, long before)
    {
        if (IsNotedElsewhere(new OffsetNote(group, partition, offset, before))) return;
        if (offset < before) ledger.Violate("a committed offset went back", $"{group}, {partition}: {offset} after {before}");
        lock (gate) floors[(group, partition)] = Math.Max(floors.GetValueOrDefault((group, partition)), offset);
    }

    /// <summary>A transaction with offsets was committed.</summary>
    internal void SawCommit(GroupCommit commit)
    {
        foreach ((TopicPartition partition, long offset) in commit.Offsets) SawOffset(commit.Group, partition, offset, 0);
    }

    private bool IsNotedElsewhere(Note note)
    {
        ask?.Invoke(note);
        return ask is not null;
    }

    private static string Text(IEnumerable<TopicPartition> partitions) => string.Join(' ', partitions.Select(static one => one.ToString()).Order(StringComparer.Ordinal));
}

/// <summary>What happened to groups.</summary>
/// <param name="Generations">How many generations there were.</param>
/// <param name="Joins">How often somebody became a member of one.</param>
/// <param name="Fenced">How often somebody was refused who was a member no more, or of an older one.</param>
internal readonly record struct GroupFigures(long Generations, long Joins, long Fenced)
{
    public static GroupFigures operator +(GroupFigures one, GroupFigures other) => new(one.Generations + other.Generations, one.Joins + other.Joins, one.Fenced + other.Fenced);
}
