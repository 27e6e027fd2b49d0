using Pipelines.Runtime.Brokers;
using Pipelines.Topology;

namespace Pipelines.Runtime;

/// <summary>The topics that a worker's deployments read and write: their names, their partitions, and those that are to be created.</summary>
internal sealed class Topics(IBroker broker, WorkerOptions options)
{
    private readonly Dictionary<string, int> partitions = new(StringComparer.Ordinal);

    internal string Progress => $"{options.Application}.progress";

    internal string DeadLetters => $"{options.Application}.dead-letters";

    internal string Changelog(string deployment) => $"{options.Application}.{deployment}.changelog";

    internal string Internal(string deployment, string name) => $"{options.Application}.{deployment}.{name}";

    internal string NameOf(string deployment, InputDefinition input) =>
        input.Kind == InputKind.Internal ? Internal(deployment, input.Topic) : input.Topic;

    internal string NameOf(string deployment, OutputDefinition output) =>
        output.IsInternal ? Internal(deployment, output.Topic) : output.Topic;

    /// <summary>The partitions of a topic that was found or created.</summary>
    internal int PartitionsOf(string topic) => partitions[topic];

    /// <summary>Finds a topic, or creates it.</summary>
    /// <returns>Its number of partitions.</returns>
    internal async Task<int> EnsureAsync(string topic, int wanted, bool isCompacted)
    {
        if (partitions.TryGetValue(topic, out int known)) return known;
        int? found = await broker.FindTopicAsync(topic);
        if (found is null)
        {
            await broker.CreateTopicAsync(topic, wanted, isCompacted);
            found = await broker.FindTopicAsync(topic) ?? throw new BrokerException(
                $"Topic '{topic}' was created and cannot be found. Try again, or create it by hand.", isFatal: false);
        }

        partitions[topic] = found.Value;
        return found.Value;
    }

    /// <summary>Makes sure that everything a component reads and writes exists.</summary>
    /// <returns>The number of its tasks: the most partitions that an external input has.</returns>
    /// <exception cref="TopologyException">Inputs that must be co-partitioned are not, or an internal topic has the wrong number of partitions.</exception>
    internal async Task<int> EnsureAsync(string deployment, ComponentDefinition component)
    {
        int tasks = 0;
        foreach (InputDefinition input in component.Inputs)
        {
            if (input.Kind == InputKind.Internal) continue;
            int count = await EnsureAsync(input.Topic, options.DefaultPartitions, input.Schema.Kind == RecordKind.Table);
            if (input.Kind == InputKind.Topic) tasks = Math.Max(tasks, count);
        }

        foreach (InputDefinition input in component.Inputs)
        {
            if (input.Kind != InputKind.Internal) continue;
            string name = Internal(deployment, input.Topic);
            int count = await EnsureAsync(name, tasks, isCompacted: false);
            if (count != tasks)
            {
                throw new TopologyException(
                    $"Internal topic '{name}' has {count} partitions, but component '{component.Name}' runs as {tasks} tasks. The inputs' partitions have changed; delete the internal topic and the changelog of the deployment, or restore the old number.");
            }
        }

        foreach (OutputDefinition output in component.Outputs)
        {
            if (!output.IsInternal) await EnsureAsync(output.Topic, options.DefaultPartitions, output.Schema.Kind == RecordKind.Table);
        }

        CheckCoPartitioning(deployment, component);
        return tasks;
    }

    private void CheckCoPartitioning(string deployment, ComponentDefinition component)
    {
        foreach (IReadOnlyList<int> group in component.CoPartitioned)
        {
            string first = NameOf(deployment, component.Inputs[group[0]]);
            foreach (int member in group)
            {
                string other = NameOf(deployment, component.Inputs[member]);
                if (PartitionsOf(other) == PartitionsOf(first)) continue;
                throw new TopologyException(
                    $"Component '{component.Name}' of deployment '{deployment}' needs '{first}' and '{other}' to be co-partitioned, but they have {PartitionsOf(first)} and {PartitionsOf(other)} partitions: records of one key would meet in different tasks. Create both with the same number, or repartition one with [KeyBy].");
            }
        }
    }
}

/// <summary>A deployment's topology does not fit the topics that are there.</summary>
public sealed class TopologyException : InvalidOperationException
{
    /// <summary>Says what does not fit, why, and what to do.</summary>
    public TopologyException(string message) : base(message)
    {
    }
}
