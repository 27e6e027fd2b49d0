using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Pipelines.Execution;
using Pipelines.Hosting;
using Pipelines.Runtime.Clients;

namespace Pipelines.Runtime.Tests;

public sealed class WorkerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipelines-runtime-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact(Timeout = 60_000)]
    public async Task A_restart_goes_on_exactly_where_it_was()
    {
        for (int run = 0; run < 3; run++)
        {
            await using HostFixture host = await HostFixture.StartAsync(folder, "counter");
            await host.SendAsync(run * 100, 100);
            await host.Pipelines.Worker.DrainAsync();
        }

        await using HostFixture last = await HostFixture.StartAsync(folder, "counter");
        await last.Pipelines.Worker.DrainAsync();
        List<CountOf> counts = await last.ReadAsync<CountOf>("counter-counts");
        Assert.Equal(300, counts.Count);
        Assert.Equal(Enumerable.Range(0, 300), counts.Select(static count => count.Number).Order());
        foreach (IGrouping<string, CountOf> key in counts.GroupBy(static count => count.Key))
            Assert.Equal(Enumerable.Range(1, key.Count()).Select(static count => (long)count), key.Select(static count => count.Count));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_slow_deployment_stalls_nobody_and_catches_up()
    {
        Slow.Gate.Reset();
        await using HostFixture host = await HostFixture.StartAsync(folder, "counter", "slow");
        await host.SendAsync(0, 5_000);
        await host.UntilAsync(async () => (await host.ReadAsync<CountOf>("counter-counts")).Count == 5_000);
        Assert.True((await host.ReadAsync<Copy>("slow-copies")).Count < 5_000);
        Slow.Gate.Set();
        await host.Pipelines.Worker.DrainAsync();
        Assert.Equal(Enumerable.Range(0, 5_000), (await host.ReadAsync<Copy>("slow-copies")).Select(static copy => copy.Number).Order());
        // Level again, it shares the scan: what comes now reaches both.
        await host.SendAsync(5_000, 100);
        await host.Pipelines.Worker.DrainAsync();
        Assert.Equal(5_100, (await host.ReadAsync<Copy>("slow-copies")).Count);
        Assert.Equal(5_100, (await host.ReadAsync<CountOf>("counter-counts")).Count);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_paused_deployment_keeps_its_place()
    {
        await using HostFixture host = await HostFixture.StartAsync(folder, "counter", "configured");
        host.Deployment("configured").Pause();
        await host.SendAsync(0, 500);
        await host.UntilAsync(async () => (await host.ReadAsync<CountOf>("counter-counts")).Count == 500);
        Assert.Empty(await host.ReadAsync<Configured>("configured-configured"));
        Assert.Equal(HealthStatus.Degraded, (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status);
        host.Deployment("configured").Resume();
        await host.Pipelines.Worker.DrainAsync();
        List<Configured> configured = await host.ReadAsync<Configured>("configured-configured");
        Assert.Equal(500, configured.Count);
        // The instance was made with the options of its deployment.
        Assert.All(configured, static record => Assert.Equal("from the settings", record.Word));
        Assert.Equal(HealthStatus.Healthy, (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_deployment_that_stops_leaves_its_last_commit_and_the_others_go_on()
    {
        await using HostFixture host = await HostFixture.StartAsync(folder, "counter", "stops");
        await host.SendAsync(0, 200);
        await host.Pipelines.Worker.DrainAsync();
        Assert.Equal(200, (await host.ReadAsync<CountOf>("counter-counts")).Count);
        Assert.Equal(DeploymentStatus.Stopped, host.Deployment("stops").Status);
        Assert.Equal("Fifty.", host.Deployment("stops").StopReason?.Message);
        Assert.DoesNotContain(await host.ReadAsync<CountOf>("stops-counts"), static count => count.Number == 50);
    }

    [Fact(Timeout = 60_000)]
    public async Task Progress_is_json_beside_the_group_offset()
    {
        await using HostFixture host = await HostFixture.StartAsync(folder, "counter", "configured");
        await host.SendAsync(0, 100);
        await host.Pipelines.Worker.DrainAsync();
        var progress = new Dictionary<string, string>();
        await new RecordReader(host.Pipelines.Broker, "test.progress", 0).ReadToEndAsync((batch, entry) =>
            progress[Encoding.UTF8.GetString(batch.Key(in entry))] = Encoding.UTF8.GetString(batch.Value(in entry)));
        for (int partition = 0; partition < 2; partition++)
        {
            long? offset = await host.Pipelines.Broker.GetCommittedOffsetAsync("test", "in", partition);
            Assert.Equal($$"""{"configured":{{offset}},"counter":{{offset}}}""", progress[$"in/{partition}"]);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task Each_deployment_has_a_group_of_its_own_for_tools_to_look_at()
    {
        await using HostFixture host = await HostFixture.StartAsync(folder, "counter");
        await host.SendAsync(0, 100);
        await host.Pipelines.Worker.DrainAsync();
        for (int partition = 0; partition < 2; partition++)
        {
            Assert.NotNull(await OffsetOf("test", partition));
            // Both are asked anew each time: the progress goes past control records with the next commit, which idle inputs bring.
            await host.UntilAsync(async () => await OffsetOf("test.counter", partition) == await OffsetOf("test", partition));
        }

        ValueTask<long?> OffsetOf(string group, int partition) => host.Pipelines.Broker.GetCommittedOffsetAsync(group, "in", partition);
    }

    [Fact(Timeout = 60_000)]
    public async Task Bytes_that_do_not_decode_are_one_dead_letter_with_their_position()
    {
        await using HostFixture host = await HostFixture.StartAsync(folder, "counter");
        await using (RecordWriter writer = await RecordWriter.OpenAsync(host.Pipelines.Broker, "other"))
        {
            await writer.PrepareAsync("in", 2);
            writer.Send("in", hasKey: true, "k"u8, hasValue: true, [0xC1], 1_700_000_000_000);
            writer.Send(new In("k", 1));
            await writer.CommitAsync();
        }

        await host.Pipelines.Worker.DrainAsync();
        Assert.Single(await host.ReadAsync<CountOf>("counter-counts"));
        var headers = new Dictionary<string, string>();
        byte[] value = [];
        await new RecordReader(host.Pipelines.Broker, "test.dead-letters", 0).ReadToEndAsync((batch, entry) =>
        {
            value = batch.Value(in entry).ToArray();
            foreach (RecordHeader header in new RecordHeaders(batch.Bytes, in entry))
                headers.Add(Encoding.UTF8.GetString(header.Name), Encoding.UTF8.GetString(header.Value));
        });
        Assert.Equal([0xC1], value);
        Assert.Equal("in", headers["pipelines.topic"]);
        Assert.Equal("0", headers["pipelines.offset"]);
        Assert.Equal("counter", headers["pipelines.deployment"]);
        Assert.Contains("byte 0", headers["pipelines.message"], StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_table_is_read_to_its_end_before_the_first_record_is_handled()
    {
        await using (HostFixture first = await HostFixture.StartAsync(folder, "joins"))
        {
            await using RecordWriter rows = await RecordWriter.OpenAsync(first.Pipelines.Broker, "rows");
            await rows.PrepareAsync("names", 2, isCompacted: true);
            for (int key = 0; key < 6; key++) rows.Send(new Name($"key-{key}", $"name {key}"));
            await rows.CommitAsync();
        }

        await using HostFixture host = await HostFixture.StartAsync(folder, "joins");
        await host.SendAsync(0, 70);
        await host.Pipelines.Worker.DrainAsync();
        List<Named> named = await host.ReadAsync<Named>("joins-named");
        Assert.Equal(70, named.Count);
        Assert.All(named, static record => Assert.Equal(record.Key == "key-6" ? null : $"name {record.Key[^1]}", record.Name));
    }

    [Fact]
    public async Task Wrong_settings_are_told_all_at_once()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddPipelines(static options =>
        {
            options.Application = "no spaces";
            options.CommitInterval = TimeSpan.Zero;
        });
        using IHost host = builder.Build();
        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Equal(3, wrong.Failures.Count());
        Assert.Contains(wrong.Failures, static failure => failure.Contains("DataFolder", StringComparison.Ordinal));
    }
}
