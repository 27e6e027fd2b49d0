using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Pipelines.Hosting;
using Pipelines.Kafka;
using Pipelines.Runtime;
using Pipelines.Soak.Eos;
using Pipelines.Topology;

namespace Pipelines.Soak.Scaling;

/// <summary>One of the processes that share the partitions: a host as users have it, ended by SIGTERM.</summary>
internal static class ScaleMember
{
    /// <summary>What the ids begin with by which their connections say who they are.</summary>
    internal const string ClientId = "scale-member";

    private const string Application = "scale";

    internal static async Task<int> RunAsync(string bootstrap, string clientId, EosProtection off)
    {
        Lifeline.Hold();
        var settings = new Dictionary<string, string>
        {
            ["client.id"] = clientId,
            // The shortest session that Kafka grants: how long a killed process is waited for.
            ["session.timeout.ms"] = "6000",
            ["heartbeat.interval.ms"] = "300",
        };
        if (off != EosProtection.None) return await RunCarelessAsync(bootstrap, settings, off);
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        // What it has to say is told when it does not do what it should.
        builder.Logging.AddSimpleConsole(static line => (line.SingleLine, line.TimestampFormat) = (true, "HH:mm:ss.fff ")).Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddPipelines(options =>
        {
            options.Application = Application;
            options.Broker = $"kafka://{bootstrap}";
            options.DefaultPartitions = Child.Partitions;
            foreach ((string name, string value) in settings) options.Kafka[name] = value;
        }).AddDetectors(typeof(ScaleMember).Assembly);
        IHost host = builder.Build();
        using Timer telling = Tell(host.Services.GetRequiredService<PipelineHost>().Deployments.Single());
        return await host.RunPipelinesAsync();
    }

    /// <summary>The same worker without some of its protections, which no host can be asked for.</summary>
    private static async Task<int> RunCarelessAsync(string bootstrap, Dictionary<string, string> settings, EosProtection off)
    {
        settings["bootstrap.servers"] = bootstrap;
        await using var broker = new CarelessBroker(KafkaOptions.From(settings) with { Withholds = !off.HasFlag(EosProtection.Releases) }, off);
        var deployment = new Deployment(DeploymentTopology.Of(typeof(ScaleMember).Assembly));
        var options = new WorkerOptions
        {
            Application = Application,
            DefaultPartitions = Child.Partitions,
            Undoes = !off.HasFlag(EosProtection.Undo),
            DropsLost = !off.HasFlag(EosProtection.Losses),
            PresumedOutcome = off.HasFlag(EosProtection.Outcomes) ? false : off.HasFlag(EosProtection.Rewinds) ? true : null,
        };
        await using var worker = new PipelineWorker(broker, [deployment], options, NullLogger.Instance);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            asked.TrySetResult();
        });
        await worker.StartAsync();
        using Timer telling = Tell(deployment);
        await await Task.WhenAny(asked.Task, worker.Completion);
        return 0;
    }

    private static Timer Tell(Deployment deployment) =>
        new(_ => Console.WriteLine($"{deployment.Positions.Count} {deployment.RecordCount}"), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(50));
}
