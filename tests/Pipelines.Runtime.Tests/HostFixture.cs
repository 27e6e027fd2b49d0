using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Pipelines.Execution;
using Pipelines.Hosting;
using Pipelines.Runtime.Clients;

namespace Pipelines.Runtime.Tests;

/// <summary>A host on a folder of its own.</summary>
internal sealed class HostFixture : IAsyncDisposable
{
    private readonly IHost host;

    private HostFixture(IHost host) => this.host = host;

    internal PipelineHost Pipelines => host.Services.GetRequiredService<PipelineHost>();

    internal IServiceProvider Services => host.Services;

    internal static async Task<HostFixture> StartAsync(string folder, params string[] detectors)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new KeyValuePair<string, string?>("Pipelines:Deployments:configured:Word", "from the settings")]);
        PipelinesBuilder pipelines = builder.Services.AddPipelines(options =>
        {
            options.Application = "test";
            options.DataFolder = folder;
            options.DefaultPartitions = 2;
            options.CommitInterval = TimeSpan.FromMilliseconds(10);
            options.DetachAfter = TimeSpan.FromMilliseconds(30);
        });
        foreach (string detector in detectors) pipelines.AddDeployment(new OneDetector(detector));
        IHost host = builder.Build();
        await host.StartAsync();
        return new HostFixture(host);
    }

    internal Deployment Deployment(string name) => Pipelines.Deployments.Single(deployment => deployment.Name == name);

    /// <summary>Sends records with numbers from <paramref name="first"/> on.</summary>
    internal async Task SendAsync(int first, int count)
    {
        await using RecordWriter writer = await RecordWriter.OpenAsync(Pipelines.Broker, "test-feeder");
        await writer.PrepareAsync("in", 2);
        for (int number = first; number < first + count; number++)
        {
            writer.Send(new In($"key-{number % 7}", number));
            if (number % 20 == 0) await writer.CommitAsync();
        }

        await writer.CommitAsync();
    }

    internal async Task<List<T>> ReadAsync<T>(string topic)
        where T : struct, IRecord<T>
    {
        var records = new List<T>();
        for (int partition = 0; partition < await Pipelines.Broker.FindTopicAsync(topic); partition++)
        {
            await new RecordReader(Pipelines.Broker, topic, partition).ReadToEndAsync((batch, entry) =>
            {
                T.Read(batch.Bytes, in entry, out T record);
                records.Add(record);
            });
        }

        return records;
    }

    internal async Task UntilAsync(Func<Task<bool>> condition)
    {
        // Ends the test by its own time limit when it never comes true.
        while (!await condition()) await Task.Delay(10);
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }
}
