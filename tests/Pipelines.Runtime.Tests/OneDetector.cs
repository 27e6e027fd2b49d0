using Pipelines.Tests;

namespace Pipelines.Runtime.Tests;

/// <summary>One detector of this assembly as a deployment of its own, writing to topics of its own.</summary>
internal sealed class OneDetector(string detector) : ChangedTopology(
    Of(typeof(OneDetector).Assembly),
    detector,
    component => component.Name != detector ? null : component with { Outputs = [.. component.Outputs.Select(output => output with { Topic = $"{detector}-{output.Topic}" })] });
