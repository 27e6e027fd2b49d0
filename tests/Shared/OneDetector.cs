namespace Pipelines.Tests;

/// <summary>One detector of this assembly as a deployment of its own.</summary>
internal sealed class OneDetector(string detector) : ChangedTopology(Of(typeof(OneDetector).Assembly), detector, component => component.Name == detector ? component : null);
