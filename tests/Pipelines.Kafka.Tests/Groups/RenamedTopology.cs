using Pipelines.Topology;

namespace Pipelines.Kafka.Tests.Groups;

/// <summary>The counter on topics of a check's own, so that checks can share a broker.</summary>
internal sealed class RenamedTopology(DeploymentTopology source, string prefix) : DeploymentTopology
{
    public override string Name => source.Name;

    public override string Version => source.Version;

    public override IReadOnlyList<ComponentDefinition> Components { get; } =
    [
        .. source.Components.Select(component => component with
        {
            Inputs = [.. component.Inputs.Select(input => input with { Topic = $"{prefix}-{input.Topic}" })],
            Outputs = [.. component.Outputs.Select(output => output with { Topic = $"{prefix}-{output.Topic}" })],
        }),
    ];

    public override IReadOnlyList<RecordSchema> Records => source.Records;

    public override string Json => source.Json;

    public override string Mermaid => source.Mermaid;
}
