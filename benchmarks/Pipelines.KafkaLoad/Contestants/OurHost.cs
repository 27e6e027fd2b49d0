using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pipelines.Hosting;
using Pipelines.KafkaLoad.Detectors;
using Pipelines.Tests;

namespace Pipelines.KafkaLoad.Contestants;

/// <summary>Ours: a detector on a <see cref="PipelineHost"/> with the cluster as its broker.</summary>
/// <param name="Guarantee">The setting <c>processing.guarantee</c>.</param>
internal sealed record OurHost(string Guarantee = "exactly_once_v2") : Contestant(Guarantee == "exactly_once_v2" ? "Pipelines" : $"Pipelines, {Guarantee}")
{
    /// <summary>The word that makes this program the worker.</summary>
    internal const string Verb = "worker";

    internal override string Application => "ours";

    internal override string Output(Job job) => job.Output;

    internal override Worker Start(Assignment assignment) =>
        new("dotnet", [Environment.GetCommandLineArgs()[0], Verb, assignment.Job.Name, assignment.Broker.Address, Application, assignment.CommitMs, Guarantee]);

    /// <summary>What the process does.</summary>
    internal static async Task<int> RunAsync(string detector, string bootstrap, string application, string commitMs, string guarantee)
    {
        long began = Stopwatch.GetTimestamp();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddConsole(options => options.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddPipelines(options =>
        {
            options.Application = application;
            options.Broker = $"kafka://{bootstrap}";
            options.Kafka["processing.guarantee"] = guarantee;
            options.CommitInterval = TimeSpan.FromMilliseconds(double.Parse(commitMs, CultureInfo.InvariantCulture));
        }).AddDeployment(new OneDetector(detector));
        using IHost host = builder.Build();
        await host.StartAsync();
        Said.Started(Stopwatch.GetElapsedTime(began));
        while (await Console.In.ReadLineAsync() is not null) Said.Allocated();
        await host.StopAsync();
        return Environment.ExitCode;
    }
}
