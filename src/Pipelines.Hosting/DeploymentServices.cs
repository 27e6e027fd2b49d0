using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Pipelines.Hosting;

/// <summary>Makes the instance detectors of one deployment: from the host's services, with the deployment's own configuration and options.</summary>
/// <remarks>The deployment's settings are the section <c>Pipelines:Deployments:{name}</c>; <see cref="IConfiguration"/> and <see cref="IOptions{TOptions}"/> are taken from there.</remarks>
[UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Detectors and their options are kept whole: the generated topology refers to the detectors.")]
[UnconditionalSuppressMessage("Trimming", "IL2055", Justification = "The options type comes from a detector's constructor, which is kept.")]
[UnconditionalSuppressMessage("Trimming", "IL2067", Justification = "The detector's type comes from the generated topology, which keeps it.")]
[UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Instance detectors are for hosts with a just-in-time compiler; static ones need none of this.")]
internal sealed class DeploymentServices(IServiceProvider host, IConfiguration settings) : IServiceProvider
{
    /// <inheritdoc/>
    public object? GetService(Type serviceType)
    {
        if (serviceType == typeof(IServiceProvider)) return this;
        if (serviceType == typeof(IConfiguration)) return settings;
        if (serviceType.IsGenericType && serviceType.GetGenericTypeDefinition() == typeof(IOptions<>))
            return Activator.CreateInstance(typeof(BoundOptions<>).MakeGenericType(serviceType.GetGenericArguments()), settings);
        if (host.GetService(serviceType) is { } known) return known;
        return serviceType.IsClass && !serviceType.IsAbstract ? ActivatorUtilities.CreateInstance(this, serviceType) : null;
    }

    private sealed class BoundOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(IConfiguration settings) : IOptions<T>
        where T : class
    {
        public T Value { get; } = settings.Get<T>() ?? Activator.CreateInstance<T>();
    }
}
