using Pipelines.Topology;

namespace Pipelines.Simulation.Workload;

/// <summary>Some of the detectors under a deployment's name of its own, writing to topics of its own: several deployments out of one assembly.</summary>
internal sealed class NamedTopology(DeploymentTopology source, string name, IReadOnlySet<string> detectors) : DeploymentTopology
{
    public override string Name => name;

    public override string Version => source.Version;

    public override IReadOnlyList<ComponentDefinition> Components { get; } =
    [
        .. source.Components
            .Where(component => detectors.Contains(component.Name))
            .Select(component => component with
            {
                Outputs = [.. component.Outputs.Select(output => output.IsInternal ? output : output with { Topic = $"{name}-{output.Topic}" })],
            }),
    ];

    public override IReadOnlyList<RecordSchema> Records => source.Records;

    public override string Json => source.Json;

    public override string Mermaid => source.Mermaid;
}
