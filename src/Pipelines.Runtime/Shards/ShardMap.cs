using Pipelines.Runtime.Brokers;
using Pipelines.Topology;

namespace Pipelines.Runtime.Shards;

/// <summary>How a deployment runs on the topics that are there.</summary>
/// <param name="Deployment">The deployment.</param>
/// <param name="Counts">The number of tasks of each component.</param>
/// <param name="Changelog">The changelog topic.</param>
/// <param name="Inputs">The topics whose partitions are shared among workers; a look-up table is read by whoever needs it.</param>
internal sealed record DeploymentLayout(Deployment Deployment, IReadOnlyDictionary<ComponentDefinition, int> Counts, string Changelog, IReadOnlyList<string> Inputs)
{
    /// <summary>The number of tasks.</summary>
    internal int Tasks { get; } = Counts.Values.DefaultIfEmpty(0).Max();
}

/// <summary>Which deployments read which set of topics.</summary>
internal sealed class ShardMap
{
    private readonly List<(IReadOnlyList<string> Topics, List<DeploymentLayout> Layouts)> sets = [];
    private readonly Func<string, int> partitionsOf;

    /// <param name="sets">Sets of topics that are read together.</param>
    /// <param name="layouts">The deployments.</param>
    /// <param name="partitionsOf">The number of partitions of a topic.</param>
    internal ShardMap(IReadOnlyList<IReadOnlyList<string>> sets, IReadOnlyList<DeploymentLayout> layouts, Func<string, int> partitionsOf)
    {
        this.partitionsOf = partitionsOf;
        foreach (IReadOnlyList<string> set in sets)
            this.sets.Add((set, [.. layouts.Where(layout => layout.Inputs.Any(topic => set.Contains(topic, StringComparer.Ordinal)))]));
    }

    /// <summary>The deployments that run on a shard.</summary>
    internal IReadOnlyList<DeploymentLayout> LayoutsOf(Shard shard) => [.. sets[shard.Set].Layouts.Where(layout => shard.Partition < layout.Tasks)];

    /// <summary>The shards that lie wholly in an assignment.</summary>
    internal List<Shard> Find(IReadOnlyCollection<PartitionId> assigned)
    {
        var all = new HashSet<PartitionId>(assigned);
        var shards = new List<Shard>();
        for (int set = 0; set < sets.Count; set++)
        {
            int count = sets[set].Topics.Max(partitionsOf);
            for (int partition = 0; partition < count; partition++)
            {
                PartitionId[] inputs = [.. sets[set].Topics.Where(topic => partition < partitionsOf(topic)).Select(topic => new PartitionId(topic, partition))];
                if (inputs.All(all.Contains)) shards.Add(new Shard(set, partition, inputs));
            }
        }

        return shards;
    }
}
