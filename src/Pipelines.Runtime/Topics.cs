using Microsoft.Extensions.Logging;
using Pipelines.Runtime.Brokers;
using Pipelines.Topology;

namespace Pipelines.Runtime;

/// <summary>The topics that a worker's deployments read and write: their names, their partitions, and those that are to be created.</summary>
internal sealed class Topics(IBroker broker, WorkerOptions options, ILogger logger)
{
    private readonly Dictionary<string, int> partitions = new(StringComparer.Ordinal);
    private readonly HashSet<string> watched = new(StringComparer.Ordinal);

    /// <summary>Watches the topics whose retention may be too short for the event times in them.</summary>
    internal AgeWatch Ages { get; } = new(logger, options.Clock);

    /// <summary>All topics that were found or created.</summary>
    internal IReadOnlyCollection<string> Known => partitions.Keys;

    internal string Progress => $"{options.Application}.progress";

    internal string DeadLetters => $"{options.Application}.dead-letters";

    internal string Changelog(string deployment) => $"{options.Application}.{deployment}.changelog";

    internal string Internal(string deployment, string name) => $"{options.Application}.{deployment}.{name}";

    /// <summary>The topics through which a deployment passes records to itself.</summary>
    internal IReadOnlySet<string> PassagesOf(Deployment deployment) => deployment.Topology.Components.SelectMany(static component => component.Inputs)
        .Where(static input => input.Kind == InputKind.Internal).Select(input => NameOf(deployment.Name, input)).ToHashSet(StringComparer.Ordinal);

    internal string NameOf(string deployment, InputDefinition input) =>
        input.Kind == InputKind.Internal ? Internal(deployment, input.Topic) : input.Topic;

    internal string NameOf(string deployment, OutputDefinition output) =>
        output.IsInternal ? Internal(deployment, output.Topic) : output.Topic;

    /// <summary>The partitions of a topic that was found or created.</summary>
    internal int PartitionsOf(string topic) => partitions[topic];

    /// <summary>Finds or creates a topic that is read back at every start.</summary>
    /// <returns>Its number of partitions.</returns>
    /// <exception cref="TopologyException">It exists, and does not keep what has to be kept.</exception>
    internal async Task<int> EnsureLogAsync(string topic, int wanted)
    {
        if (await FindAsync(topic) is not { } found) return await CreateAsync(topic, wanted, isCompacted: true);
        if (await broker.DescribeTopicAsync(topic) is { } policy && TopicChecks.FindMistakeOfLog(topic, policy) is { } mistake) throw new TopologyException(mistake);
        return found;
    }

    /// <summary>Finds or creates a topic that others read or write too.</summary>
    /// <returns>Its number of partitions.</returns>
    internal async Task<int> EnsureAsync(string topic, int wanted, bool isCompacted)
    {
        if (await FindAsync(topic) is not { } found)
        {
            // What is created here keeps its records.
            watched.Add(topic);
            return await CreateAsync(topic, wanted, isCompacted);
        }

        if (!watched.Contains(topic) && await broker.DescribeTopicAsync(topic) is { } policy) Ages.Add(topic, policy);
        watched.Add(topic);
        return found;
    }

    /// <summary>Makes sure that everything a component reads and writes exists.</summary>
    /// <returns>The number of its tasks: the most partitions that an external input has.</returns>
    /// <exception cref="TopologyException">A topic is missing or unfit, inputs that must be co-partitioned are not, or an internal topic has the wrong number of partitions.</exception>
    internal async Task<int> EnsureAsync(string deployment, ComponentDefinition component)
    {
        int[] external = [.. Enumerable.Range(0, component.Inputs.Count).Where(index => component.Inputs[index].Kind != InputKind.Internal)];
        // Those that exist first: what is created takes after the ones that it has to match.
        foreach (int index in external) await FindAsync(component.Inputs[index].Topic);
        foreach (int index in external) await EnsureInputAsync(deployment, component, index);
        int tasks = component.Inputs.Where(static input => input.Kind == InputKind.Topic).Select(input => PartitionsOf(input.Topic)).DefaultIfEmpty(0).Max();
        foreach (InputDefinition input in component.Inputs)
        {
            if (input.Kind == InputKind.Internal) await EnsurePassageAsync(deployment, Internal(deployment, input.Topic), tasks, component);
        }

        foreach (OutputDefinition output in component.Outputs)
        {
            if (output.IsInternal) continue;
            if (!options.CreateTopics && await FindAsync(output.Topic) is null) throw Missing(deployment, "writes", output.Topic, options.DefaultPartitions);
            await EnsureAsync(output.Topic, options.DefaultPartitions, output.Schema.Kind == RecordKind.Table);
        }

        CheckCoPartitioning(deployment, component);
        return tasks;
    }

    private async Task EnsureInputAsync(string deployment, ComponentDefinition component, int index)
    {
        InputDefinition input = component.Inputs[index];
        bool isMissing = await FindAsync(input.Topic) is null;
        int wanted = component.CoPartitioned.Where(group => group.Contains(index)).SelectMany(static group => group)
            .Select(member => partitions.GetValueOrDefault(NameOf(deployment, component.Inputs[member]))).Append(0).Max();
        if (wanted == 0) wanted = options.DefaultPartitions;
        if (isMissing && !options.CreateTopics) throw Missing(deployment, "reads", input.Topic, wanted);
        int count = await EnsureAsync(input.Topic, wanted, input.Schema.Kind == RecordKind.Table);
        if (isMissing) WorkerLog.InputCreated(logger, options.SharesBroker ? LogLevel.Warning : LogLevel.Information, deployment, input.Topic, count);
    }

    /// <summary>Finds or creates a topic through which a component passes records to itself under another key.</summary>
    private async Task EnsurePassageAsync(string deployment, string topic, int wanted, ComponentDefinition component)
    {
        if (await FindAsync(topic) is not { } count)
        {
            await CreateAsync(topic, wanted, isCompacted: false);
            return;
        }

        if (count != wanted)
        {
            throw new TopologyException(
                $"Internal topic '{topic}' has {count} partitions, but component '{component.Name}' runs as {wanted} tasks. The inputs' partitions have changed: stop all workers and delete what was made for the old number, with: pipelines topics delete {topic} {Changelog(deployment)}; state is then built anew. Or restore the old number.");
        }

        if (await broker.DescribeTopicAsync(topic) is not { } policy) return;
        if (TopicChecks.FindMistakeOfPassage(topic, policy) is { } mistake) throw new TopologyException(mistake);
        if (TopicChecks.FindRiskOfPassage(topic, policy) is { } risk) WorkerLog.Risk(logger, risk);
    }

    private async Task<int?> FindAsync(string topic)
    {
        if (partitions.TryGetValue(topic, out int known)) return known;
        if (await broker.FindTopicAsync(topic) is { } found) return partitions[topic] = found;
        return null;
    }

    private async Task<int> CreateAsync(string topic, int wanted, bool isCompacted)
    {
        await broker.CreateTopicAsync(topic, wanted, isCompacted);
        return await FindAsync(topic) ?? throw new BrokerException($"Topic '{topic}' was created and cannot be found. Try again, or create it by hand.", isFatal: false);
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
                    $"Component '{component.Name}' of deployment '{deployment}' needs '{first}' and '{other}' to be co-partitioned, but they have {PartitionsOf(first)} and {PartitionsOf(other)} partitions: records of one key would meet in different tasks. Give both the same number, such as with: pipelines topics alter {Fewer(first, other)} --partitions {Math.Max(PartitionsOf(first), PartitionsOf(other))}, while that one is empty, for records stay where they are. Or repartition one with [KeyBy].");
            }
        }
    }

    private string Fewer(string one, string other) => PartitionsOf(one) < PartitionsOf(other) ? one : other;

    private static TopologyException Missing(string deployment, string does, string topic, int wanted) => new(
        $"Deployment '{deployment}' {does} topic '{topic}', but there is no such topic. Create it with: pipelines topics create {topic} --partitions {wanted}; or correct the name in [Topic], or set Pipelines:CreateTopics to true.");
}

/// <summary>A deployment's topology does not fit the topics that are there.</summary>
public sealed class TopologyException : InvalidOperationException
{
    /// <summary>Says what does not fit, why, and what to do.</summary>
    public TopologyException(string message) : base(message)
    {
    }
}
