namespace Pipelines.Generators;

/// <summary>Names of the steps, by which tests ask what was reused.</summary>
internal static class Steps
{
    public const string Detectors = nameof(Detectors);
    public const string Topology = nameof(Topology);
    public const string Components = nameof(Components);
    public const string Assembly = nameof(Assembly);
}
