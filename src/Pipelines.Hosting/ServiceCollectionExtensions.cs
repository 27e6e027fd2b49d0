using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Pipelines.Hosting;

/// <summary>Adds pipelines to a host.</summary>
public static class ServiceCollectionExtensions
{
    /// <summary>Adds a pipeline host on the embedded broker.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Settings made in code; they go before those of the configuration section <c>Pipelines</c>.</param>
    /// <returns>A builder that deployments are added to.</returns>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "PipelinesOptions holds primitives and is referenced, so its members are kept.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "PipelinesOptions holds primitives only.")]
    public static PipelinesBuilder AddPipelines(this IServiceCollection services, Action<PipelinesOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        OptionsBuilder<PipelinesOptions> options = services.AddOptions<PipelinesOptions>().BindConfiguration(PipelinesOptions.Section);
        if (configure is not null) options.Configure(configure);
        options.ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PipelinesOptions>, PipelinesOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<PipelineHost>();
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<PipelineHost>());
        services.AddHealthChecks().AddCheck<PipelineHealthCheck>("pipelines");
        return new PipelinesBuilder(services);
    }
}
