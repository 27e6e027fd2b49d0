using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pipelines.Hosting;
using Pipelines.Tests;
using Pipelines.Topology;

namespace Pipelines.Kafka.Tests.Messages;

/// <summary>A program with the counter in it, as users write one, and all that it says.</summary>
internal sealed class Started : IAsyncDisposable
{
    /// <summary>What no line may ever hold.</summary>
    internal const string Secret = "hush-hush";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly IHost host;
    private readonly CancellationTokenSource stopping = new();

    private Started(IHost host, LogLines log)
    {
        this.host = host;
        Log = log;
        Ending = host.RunPipelinesAsync(stopping.Token);
    }

    internal LogLines Log { get; }

    /// <summary>The exit code of the program, when it has ended.</summary>
    internal Task<int> Ending { get; }

    internal PipelineHost Pipelines => host.Services.GetRequiredService<PipelineHost>();

    /// <summary>Starts the program.</summary>
    /// <param name="settings">By their whole names, as in a file of settings.</param>
    internal static Started Run(params IEnumerable<(string Name, string Value)> settings) => Run(new OneDetector("counter"), settings);

    /// <inheritdoc cref="Run(IEnumerable{ValueTuple{string, string}})"/>
    internal static Started Run(DeploymentTopology topology, params IEnumerable<(string Name, string Value)> settings)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("Pipelines:Application", "app")]);
        builder.Configuration.AddInMemoryCollection([.. settings.Select(static setting => new KeyValuePair<string, string?>(setting.Name, setting.Value))]);
        return Run(builder, topology);
    }

    /// <summary>Starts the program with settings of the test's own.</summary>
    internal static Started Run(HostApplicationBuilder builder, DeploymentTopology topology, Action<PipelinesOptions>? configure = null)
    {
        var log = new LogLines();
        builder.Services.AddSingleton<ILoggerFactory>(log);
        builder.Services.AddPipelines(configure).AddDeployment(topology);
        return new Started(builder.Build(), log);
    }

    /// <summary>The one line that a program ends with that cannot do its work; its exit code is 1.</summary>
    internal static async Task<string> RefusedAsync(params IEnumerable<(string Name, string Value)> settings)
    {
        await using Started program = Run(settings);
        return await program.RefusedAsync();
    }

    /// <inheritdoc cref="RefusedAsync(IEnumerable{ValueTuple{string, string}})"/>
    internal async Task<string> RefusedAsync()
    {
        Assert.Equal(1, await Ending.WaitAsync(Patience));
        string line = Assert.Single(Log.All, static line => line.StartsWith("Critical: The pipeline cannot start: ", StringComparison.Ordinal) || line.StartsWith("Critical: The process ends, ", StringComparison.Ordinal));
        CheckLines();
        return line;
    }

    /// <summary>The warning with which a program waits that may yet be able to do its work.</summary>
    internal async Task<string> WaitingAsync(params string[] parts)
    {
        string line = await Log.FindAsync(["Warning: ", .. parts]);
        Assert.False(Ending.IsCompleted);
        CheckLines();
        return line;
    }

    /// <summary>Waits until the program works.</summary>
    internal async Task WorksAsync()
    {
        long began = TimeProvider.System.GetTimestamp();
        while (!Pipelines.IsStarted)
        {
            Assert.False(Ending.IsCompleted || TimeProvider.System.GetElapsedTime(began) > Patience, string.Join(Environment.NewLine, Log.All));
            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Ending;
        CheckLines();
        stopping.Dispose();
    }

    /// <summary>One line each, no stack trace, and no secret.</summary>
    private void CheckLines() => Assert.All(Log.All, static line =>
    {
        Assert.DoesNotContain('\n', line);
        Assert.DoesNotContain(Secret, line, StringComparison.OrdinalIgnoreCase);
    });
}
