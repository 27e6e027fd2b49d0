using System.Text.Json;
using Pipelines.Topology;

namespace Pipelines.Generators.Tests.Detectors;

/// <summary>What is emitted for each program, reviewed like source. A difference writes <c>*.received.cs</c> beside the golden file.</summary>
public sealed class DetectorGoldenTests
{
    public static TheoryData<string> Names => [.. Programs.All.Select(static program => program.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Tasks_and_topology_are_as_reviewed(string name)
    {
        GeneratorHarness run = GeneratorHarness.Run(Programs.All.Single(program => program.Name == name).Source);
        string text = string.Join('\n', run.Generated
            .Where(static file => file.Key.EndsWith("Task.g.cs", StringComparison.Ordinal) || file.Key == "AssemblyTopology.g.cs")
            .OrderBy(static file => file.Key, StringComparer.Ordinal)
            .Select(static file => $"//// {file.Key}\n{file.Value}"));
        GoldenFile.Compare(name, text);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Programs_compile_and_their_topology_loads(string name)
    {
        GeneratorHarness run = GeneratorHarness.Run(Programs.All.Single(program => program.Name == name).Source);
        Assert.Empty(run.Compilation.GetDiagnostics().Where(static found => found.Severity >= Microsoft.CodeAnalysis.DiagnosticSeverity.Warning && found.Location.SourceTree?.FilePath.EndsWith(".g.cs", StringComparison.Ordinal) == true));
        DeploymentTopology topology = DeploymentTopology.Of(run.Load());
        Assert.Equal("Sample", topology.Name);
        Assert.NotEmpty(topology.Components);
        Assert.NotEmpty(topology.Records);
        using JsonDocument manifest = JsonDocument.Parse(topology.Json);
        Assert.Equal(
            topology.Records.Select(static record => (record.Name, record.Fingerprint)),
            manifest.RootElement.GetProperty("records").EnumerateArray().Select(static record => (record.GetProperty("name").GetString()!, record.GetProperty("fingerprint").GetString()!)));
        Assert.StartsWith("flowchart LR\n", topology.Mermaid, StringComparison.Ordinal);
    }

    [Fact]
    public void All_programs_together_compile()
    {
        DeploymentTopology topology = DeploymentTopology.Of(GeneratorHarness.Run("Sample", [.. Programs.All.Select(static (program, index) => program.Source.Replace("namespace Programs", $"namespace Programs{index}", StringComparison.Ordinal))]).Load());
        Assert.Equal(12, topology.Components.Count);
    }
}
