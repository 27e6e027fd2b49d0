using System.Reflection;

namespace Pipelines.Topology;

/// <summary>What one detector assembly contains; the generator writes the implementation.</summary>
public abstract class DeploymentTopology
{
    /// <summary>The deployment's name: the assembly's.</summary>
    public abstract string Name { get; }

    /// <summary>The deployment's version: the assembly's informational version.</summary>
    public abstract string Version { get; }

    /// <summary>The components, by name.</summary>
    public abstract IReadOnlyList<ComponentDefinition> Components { get; }

    /// <summary>The record types, by name.</summary>
    public abstract IReadOnlyList<RecordSchema> Records { get; }

    /// <summary>The manifest as JSON: detectors, handlers, records, stores, edges and fingerprints.</summary>
    public abstract string Json { get; }

    /// <summary>The topology as a Mermaid flowchart.</summary>
    public abstract string Mermaid { get; }

    /// <summary>Finds the topology that the generator wrote into <paramref name="assembly"/>.</summary>
    /// <exception cref="InvalidOperationException">The assembly has none: it has no detectors, or the generator did not run.</exception>
    public static DeploymentTopology Of(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        DeploymentTopologyAttribute attribute = assembly.GetCustomAttribute<DeploymentTopologyAttribute>()
            ?? throw new InvalidOperationException(
                $"Assembly '{assembly.GetName().Name}' holds no topology: it has no [Detector] class, or it was built without the Pipelines generator. Reference the generator and build it again.");
        return attribute.Create();
    }
}
