using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Pipelines.Hosting;

/// <summary>Runs hosts with pipelines in them.</summary>
public static class PipelineHostExtensions
{
    /// <summary>Runs the host until it is stopped. What keeps the pipeline from starting, or ends it, is one line of the log each, and not an exception.</summary>
    /// <param name="host">The host; it is disposed of.</param>
    /// <param name="cancellationToken">Stops the host.</param>
    /// <returns>The exit code of the process: 0, or 1 when something was wrong.</returns>
    /// <exception cref="InvalidOperationException">The host has no pipelines.</exception>
    public static async Task<int> RunPipelinesAsync(this IHost host, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(host);
        using IHost ending = host;
        if (!TryResolve(host, out PipelineHost? pipelines)) return 1;
        pipelines.EndsProcess = true;
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        try
        {
            await host.RunAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested || cancellationToken.IsCancellationRequested)
        {
            // It was stopped while it started.
        }

        return pipelines.Failure is null ? 0 : 1;
    }

    /// <summary>Makes the pipeline host, which checks the settings.</summary>
    private static bool TryResolve(IHost host, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PipelineHost? pipelines)
    {
        pipelines = null;
        IEnumerable<string> wrong;
        try
        {
            _ = host.Services.GetRequiredService<IOptions<PipelinesOptions>>().Value;
            pipelines = host.Services.GetService<PipelineHost>() ?? throw new InvalidOperationException("The host has no pipelines. Add them with AddPipelines.");
            return true;
        }
        catch (OptionsValidationException refused)
        {
            wrong = refused.Failures;
        }
        catch (InvalidOperationException unreadable) when (unreadable.InnerException is FormatException)
        {
            // A value that is of another type: the binder names the setting.
            wrong = [$"{unreadable.Message.TrimEnd('.')}. {unreadable.InnerException.Message}"];
        }

        ILogger logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Pipelines.Worker");
        foreach (string reason in wrong) HostLog.NotStarted(logger, reason);
        Environment.ExitCode = 1;
        return false;
    }
}
