using Pipelines.Topology;

namespace Pipelines.Tests;

/// <summary>Some components of a topology, as they are or changed, as a deployment of its own.</summary>
/// <param name="source">The topology.</param>
/// <param name="name">The deployment's name.</param>
/// <param name="change">What becomes of a component; null leaves it out.</param>
internal class ChangedTopology(DeploymentTopology source, string name, Func<ComponentDefinition, ComponentDefinition?> change) : DeploymentTopology
{
    public override string Name => name;

    public override string Version => source.Version;

    public override IReadOnlyList<ComponentDefinition> Components { get; } = [.. source.Components.Select(change).OfType<ComponentDefinition>()];

    public override IReadOnlyList<RecordSchema> Records => source.Records;

    public override string Json => source.Json;

    public override string Mermaid => source.Mermaid;
}
