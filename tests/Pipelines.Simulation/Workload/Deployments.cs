using Pipelines.Tests;
using Pipelines.Topology;

namespace Pipelines.Simulation.Workload;

/// <summary>Some of the detectors under a deployment's name of its own, writing to topics of its own: several deployments out of one assembly.</summary>
internal sealed class NamedTopology(DeploymentTopology source, string name, IReadOnlySet<string> detectors) : ChangedTopology(source, name, component =>
    !detectors.Contains(component.Name) ? null : component with
    {
        Outputs = [.. component.Outputs.Select(output => output.IsInternal ? output : output with { Topic = $"{name}-{output.Topic}" })],
    });
