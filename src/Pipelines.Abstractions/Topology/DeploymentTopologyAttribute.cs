using System.Diagnostics.CodeAnalysis;

namespace Pipelines.Topology;

/// <summary>Says which type of the assembly is its topology; the generator writes it.</summary>
/// <param name="topology">A <see cref="DeploymentTopology"/> with a constructor that takes nothing.</param>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class DeploymentTopologyAttribute(
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor | DynamicallyAccessedMemberTypes.NonPublicConstructors)] Type topology) : Attribute
{
    /// <summary>The topology's type.</summary>
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor | DynamicallyAccessedMemberTypes.NonPublicConstructors)]
    public Type Topology { get; } = topology;

    internal DeploymentTopology Create() => (DeploymentTopology)Activator.CreateInstance(Topology, nonPublic: true)!;
}
