using Pipelines.Runtime.Brokers;

namespace Pipelines.Runtime.Groups;

/// <summary>A member of a group, as its leader sees it.</summary>
/// <param name="Id">The member's id.</param>
/// <param name="TopicSets">The topics that it reads together.</param>
/// <param name="Held">The partitions that it holds.</param>
/// <param name="Generation">The generation in which it got them; of two that claim the same, the later is right.</param>
public sealed record GroupCandidate(string Id, IReadOnlyList<IReadOnlyList<string>> TopicSets, IReadOnlyCollection<PartitionId> Held, int Generation);

/// <summary>Shares partitions among the members of a group, shard by shard: a shard is one partition number of topics that are read together.</summary>
/// <remarks>
/// The same input gives the same answer, whoever leads. Members that read the same topics get numbers of shards that differ by at most one, of each set and in all. A member
/// keeps what it holds up to its part. A shard that somebody holds goes to nobody else before it was released: the new owner gets it in the generation after that (KIP-429).
/// </remarks>
public static class ShardAssignor
{
    /// <summary>Shares all partitions.</summary>
    /// <param name="members">The members.</param>
    /// <param name="partitionsOf">The number of partitions of each topic; one that is not there has none.</param>
    /// <returns>For each member what it is to have in the end; see <see cref="Withhold"/>.</returns>
    public static IReadOnlyDictionary<string, IReadOnlyList<PartitionId>> Assign(IReadOnlyCollection<GroupCandidate> members, IReadOnlyDictionary<string, int> partitionsOf)
    {
        ArgumentNullException.ThrowIfNull(members);
        ArgumentNullException.ThrowIfNull(partitionsOf);
        GroupCandidate[] sorted = [.. members.OrderBy(static member => member.Id, StringComparer.Ordinal)];
        Dictionary<PartitionId, string> holders = Holders(sorted);
        var shares = sorted.ToDictionary(static member => member.Id, static _ => new List<PartitionId>(), StringComparer.Ordinal);
        var totals = sorted.ToDictionary(static member => member.Id, static _ => 0, StringComparer.Ordinal);
        foreach (IReadOnlyList<string> set in TopicSets.Merge(sorted.SelectMany(static member => member.TopicSets)))
        {
            string[] readers = [.. sorted.Where(member => Reads(member, set)).Select(static member => member.Id)];
            if (readers.Length == 0) continue;
            int shards = set.Max(topic => partitionsOf.GetValueOrDefault(topic));
            string[] owners = Share(shards, readers, totals, shard => HolderOf(set, shard, holders));
            for (int shard = 0; shard < shards; shard++)
                shares[owners[shard]].AddRange(PartitionsOf(set, shard, partitionsOf));
        }

        return shares.ToDictionary(static share => share.Key, static share => (IReadOnlyList<PartitionId>)share.Value, StringComparer.Ordinal);
    }

    /// <summary>Takes out of an assignment what a member other than the new owner holds still.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<PartitionId>> Withhold(
        IReadOnlyDictionary<string, IReadOnlyList<PartitionId>> assignment, IReadOnlyCollection<GroupCandidate> members)
    {
        ArgumentNullException.ThrowIfNull(assignment);
        ArgumentNullException.ThrowIfNull(members);
        Dictionary<PartitionId, string> holders = Holders([.. members.OrderBy(static member => member.Id, StringComparer.Ordinal)]);
        return assignment.ToDictionary(
            static share => share.Key,
            share => (IReadOnlyList<PartitionId>)[.. share.Value.Where(partition => !holders.TryGetValue(partition, out string? holder) || holder == share.Key)],
            StringComparer.Ordinal);
    }

    private static bool Reads(GroupCandidate member, IReadOnlyList<string> set) =>
        set.All(topic => member.TopicSets.Any(own => own.Contains(topic, StringComparer.Ordinal)));

    private static Dictionary<PartitionId, string> Holders(GroupCandidate[] members)
    {
        var holders = new Dictionary<PartitionId, string>();
        // Later generations overwrite; members of one generation never hold the same.
        foreach (GroupCandidate member in members.OrderBy(static member => member.Generation))
        {
            foreach (PartitionId partition in member.Held) holders[partition] = member.Id;
        }

        return holders;
    }

    private static string? HolderOf(IReadOnlyList<string> set, int shard, Dictionary<PartitionId, string> holders)
    {
        foreach (string topic in set)
        {
            if (holders.TryGetValue(new PartitionId(topic, shard), out string? holder)) return holder;
        }

        return null;
    }

    private static IEnumerable<PartitionId> PartitionsOf(IReadOnlyList<string> set, int shard, IReadOnlyDictionary<string, int> partitionsOf) =>
        set.Where(topic => shard < partitionsOf.GetValueOrDefault(topic)).Select(topic => new PartitionId(topic, shard));

    /// <summary>Shares the shards of one set: everybody's part first, then who keeps what, then the rest in order.</summary>
    private static string[] Share(int shards, string[] readers, Dictionary<string, int> totals, Func<int, string?> holderOf)
    {
        string?[] owners = new string?[shards];
        var held = readers.ToDictionary(static reader => reader, static _ => new List<int>(), StringComparer.Ordinal);
        for (int shard = 0; shard < shards; shard++)
        {
            if (holderOf(shard) is { } holder && held.TryGetValue(holder, out List<int>? list)) list.Add(shard);
        }

        // One more than the others' part goes to those who have least of the other sets, among them to those who hold most of this one.
        int least = shards / readers.Length;
        var parts = readers.ToDictionary(static reader => reader, _ => least, StringComparer.Ordinal);
        foreach (string reader in readers.OrderBy(reader => totals[reader]).ThenByDescending(reader => held[reader].Count).Take(shards % readers.Length)) parts[reader]++;
        foreach (string reader in readers)
        {
            totals[reader] += parts[reader];
            foreach (int shard in held[reader].Take(parts[reader])) owners[shard] = reader;
            parts[reader] -= Math.Min(parts[reader], held[reader].Count);
        }

        int next = 0;
        for (int shard = 0; shard < shards; shard++)
        {
            if (owners[shard] is not null) continue;
            while (parts[readers[next]] == 0) next++;
            parts[readers[next]]--;
            owners[shard] = readers[next];
        }

        return owners!;
    }
}
