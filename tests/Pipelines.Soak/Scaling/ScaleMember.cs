using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Pipelines.Hosting;
using Pipelines.Runtime;

namespace Pipelines.Soak.Scaling;

/// <summary>One of the processes that share the partitions: a host as users have it, ended by SIGTERM.</summary>
internal static class ScaleMember
{
    /// <summary>What its connections say who they are.</summary>
    internal const string ClientId = "scale-member";

    internal static async Task<int> RunAsync(string bootstrap)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddPipelines(options =>
        {
            options.Application = "scale";
            options.Broker = $"kafka://{bootstrap}";
            options.DefaultPartitions = Child.Partitions;
            options.Kafka["client.id"] = ClientId;
            // The shortest session that Kafka grants: how long a killed process is waited for.
            options.Kafka["session.timeout.ms"] = "6000";
            options.Kafka["heartbeat.interval.ms"] = "300";
        }).AddDetectors(typeof(ScaleMember).Assembly);
        using IHost host = builder.Build();
        await host.StartAsync();
        Deployment deployment = host.Services.GetRequiredService<PipelineHost>().Deployments.Single();
        using var telling = new Timer(_ => Console.WriteLine($"{deployment.Positions.Count} {deployment.RecordCount}"), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(50));
        await host.WaitForShutdownAsync();
        return Environment.ExitCode;
    }
}
