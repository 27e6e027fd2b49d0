using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Pipelines.Topology;

namespace Pipelines.Hosting;

/// <summary>Adds deployments to a pipeline host.</summary>
public sealed class PipelinesBuilder
{
    internal PipelinesBuilder(IServiceCollection services) => Services = services;

    /// <summary>The host's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Adds the detectors of an assembly as one deployment.</summary>
    /// <exception cref="InvalidOperationException">The assembly holds no generated topology.</exception>
    public PipelinesBuilder AddDetectors(Assembly assembly) => AddDeployment(DeploymentTopology.Of(assembly));

    /// <summary>Adds a deployment by its topology.</summary>
    public PipelinesBuilder AddDeployment(DeploymentTopology topology)
    {
        ArgumentNullException.ThrowIfNull(topology);
        Services.AddSingleton(topology);
        return this;
    }
}
