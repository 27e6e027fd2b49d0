using Microsoft.Extensions.Diagnostics.HealthChecks;
using Pipelines.Runtime;

namespace Pipelines.Hosting;

/// <summary>Healthy while all deployments run; degraded when one is paused or stopped, or a task is stuck; unhealthy when the worker has failed or not started.</summary>
internal sealed class PipelineHealthCheck(PipelineHost host) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check());

    private HealthCheckResult Check()
    {
        if (host.Failure is { } failure) return HealthCheckResult.Unhealthy($"The worker has failed: {failure.Message}", failure);
        if (!host.IsStarted) return HealthCheckResult.Unhealthy(host.Tasks is [{ } first, ..] ? $"The worker has not started: partition {first.Partition} is at {first.Position} of {first.Target} of '{first.Topic}'{(first.Reason is { } reason ? $", where {reason}" : "")}." : "The worker has not started.");
        foreach (Deployment deployment in host.Deployments)
        {
            if (deployment.Status == DeploymentStatus.Stopped)
                return HealthCheckResult.Degraded($"Deployment '{deployment.Name}' is stopped: {deployment.StopReason?.Message}", deployment.StopReason);
            if (deployment.Status == DeploymentStatus.Paused) return HealthCheckResult.Degraded($"Deployment '{deployment.Name}' is paused.");
        }

        if (host.Tasks.FirstOrDefault(static task => task.Activity == TaskActivity.Stuck) is { } stuck)
            return HealthCheckResult.Degraded($"{(stuck.Deployment.Length == 0 ? "Restoring" : $"Deployment '{stuck.Deployment}'")}, partition {stuck.Partition}, does not go on: {stuck.Reason}.");

        return HealthCheckResult.Healthy($"{host.Deployments.Count} deployments run.");
    }
}
