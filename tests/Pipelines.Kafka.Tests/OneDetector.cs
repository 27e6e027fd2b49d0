using Pipelines.Topology;

namespace Pipelines.Kafka.Tests;

/// <summary>One detector of this assembly as a deployment of its own.</summary>
internal sealed class OneDetector(string detector) : DeploymentTopology
{
    private static readonly DeploymentTopology Source = Of(typeof(OneDetector).Assembly);

    public override string Name => detector;

    public override string Version => Source.Version;

    public override IReadOnlyList<ComponentDefinition> Components { get; } = [.. Source.Components.Where(component => component.Name == detector)];

    public override IReadOnlyList<RecordSchema> Records => Source.Records;

    public override string Json => Source.Json;

    public override string Mermaid => Source.Mermaid;
}
