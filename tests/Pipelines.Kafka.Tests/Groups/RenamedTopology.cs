using Pipelines.Tests;
using Pipelines.Topology;

namespace Pipelines.Kafka.Tests.Groups;

/// <summary>A topology on topics of a check's own, so that checks can share a broker.</summary>
internal sealed class RenamedTopology(DeploymentTopology source, string prefix) : ChangedTopology(source, source.Name, component => component with
{
    Inputs = [.. component.Inputs.Select(input => input with { Topic = $"{prefix}-{input.Topic}" })],
    Outputs = [.. component.Outputs.Select(output => output with { Topic = $"{prefix}-{output.Topic}" })],
});
