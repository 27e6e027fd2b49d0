using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Pipelines.Broker.Server;
using Pipelines.Broker.Server.Faults;
using Pipelines.Hosting;
using Pipelines.Kafka.Tests.Brokers;
using Pipelines.Protocol.Messages;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Clients;
using Pipelines.Tests;

namespace Pipelines.Kafka.Tests;

/// <summary>The same detectors, on a cluster by one setting; and what becomes of their answers when the cluster fails them.</summary>
public sealed class PipelineHostTests
{
    private const int Keys = 7;

    /// <summary>Requests that a commit consists of, and what can happen to each.</summary>
    public static TheoryData<ApiKey, string> CommitFaults
    {
        get
        {
            var faults = new TheoryData<ApiKey, string>();
            foreach (ApiKey api in (ApiKey[])[ApiKey.Produce, ApiKey.TxnOffsetCommit, ApiKey.EndTxn])
            {
                foreach (string fault in (string[])["Cut", "CutAfterwards", "Hang", "Twice"]) faults.Add(api, fault);
            }

            return faults;
        }
    }

    [Theory(Timeout = 120_000), InlineData(SeamKind.Shipped), InlineData(SeamKind.ApacheKafka)]
    public async Task Restarts_leave_every_record_counted_once(SeamKind kind)
    {
        await using SeamBroker seam = await SeamBroker.StartAsync(kind);
        for (int run = 0; run < 3; run++)
        {
            using IHost host = await StartAsync(seam.Bootstrap!);
            await SendAsync(seam.Broker, run * 500, 500);
            await DrainAsync(host);
            await host.StopAsync();
        }

        await CheckAsync(seam.Broker, 1_500);
    }

    [Theory(Timeout = 120_000), MemberData(nameof(CommitFaults))]
    public async Task A_fault_at_a_step_of_the_commit_neither_loses_nor_repeats(ApiKey api, string name)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync();
        await using KafkaBroker feeder = Open(broker.BootstrapServers);
        using IHost host = await StartAsync(broker.BootstrapServers);
        int struck = 0;
        Fault fault = name switch { "Cut" => Fault.Cut, "CutAfterwards" => Fault.CutAfterwards, "Hang" => Fault.Hang, _ => Fault.Twice };
        using (broker.Faults.Intercept(api, request => request.ClientId == "worker" && ++struck % 5 == 3 ? fault : Fault.None))
        {
            for (int round = 0; round < 12; round++)
            {
                await SendAsync(feeder, round * 100, 100);
                await Task.Delay(30);
            }
        }

        await DrainAsync(host);
        Assert.True(struck >= 3);
        await CheckAsync(feeder, 1_200);
        await host.StopAsync();
    }

    [Fact(Timeout = 120_000)]
    public async Task A_broker_that_is_away_for_a_while_costs_time_only()
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync();
        using IHost host = await StartAsync(broker.BootstrapServers);
        for (int round = 0; round < 4; round++)
        {
            await using (KafkaBroker feeder = Open(broker.BootstrapServers)) await SendAsync(feeder, round * 300, 300);
            await broker.StopAsync();
            await Task.Delay(200);
            await broker.RestartAsync();
        }

        await using KafkaBroker reader = Open(broker.BootstrapServers);
        await DrainAsync(host);
        await CheckAsync(reader, 1_200);
        await host.StopAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task Settings_that_cannot_be_used_are_told_at_the_start()
    {
        using IHost host = Build("nonsense", []);
        OptionsValidationException refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Contains("kafka://host:9092", refused.Message, StringComparison.Ordinal);
        using IHost secure = Build("kafka://127.0.0.1:1", new() { ["security.protocol"] = "sasl_ssl", ["sasl.mechanism"] = "GSSAPI", ["sasl.username"] = "u", ["sasl.password"] = "hush-hush" });
        refused = await Assert.ThrowsAsync<OptionsValidationException>(() => secure.StartAsync());
        Assert.Contains("PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush-hush", refused.Message, StringComparison.Ordinal);
    }

    private static IHost Build(string broker, Dictionary<string, string> settings)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddPipelines(options =>
        {
            options.Application = "app";
            options.Broker = broker;
            options.DefaultPartitions = 2;
            options.CommitInterval = TimeSpan.FromMilliseconds(10);
            foreach ((string name, string value) in settings) options.Kafka[name] = value;
        }).AddDeployment(new OneDetector("counter"));
        return builder.Build();
    }

    private static async Task<IHost> StartAsync(string bootstrap)
    {
        IHost host = Build($"kafka://{bootstrap}", new() { ["client.id"] = "worker", ["request.timeout.ms"] = "1500" });
        await host.StartAsync();
        return host;
    }

    private static Task DrainAsync(IHost host) => host.Services.GetRequiredService<PipelineHost>().Worker.DrainAsync();

    private static KafkaBroker Open(string bootstrap) => new(KafkaOptions.From([new("bootstrap.servers", bootstrap), new("client.id", "feeder")]));

    private static async Task SendAsync(IBroker broker, int first, int count)
    {
        await using RecordWriter writer = await RecordWriter.OpenAsync(broker, "feeder");
        await writer.PrepareAsync("numbers", 2);
        for (int value = first; value < first + count; value++)
        {
            writer.Send(new Number($"key-{value % Keys}", value));
            if (value % 50 == 0) await writer.CommitAsync();
        }

        await writer.CommitAsync();
    }

    private static async Task CheckAsync(IBroker broker, int count)
    {
        var counted = new List<Counted>();
        for (int partition = 0; partition < 2; partition++)
        {
            await new RecordReader(broker, "counted", partition).ReadToEndAsync((batch, entry) =>
            {
                Counted.Read(batch.Bytes, in entry, out Counted record);
                counted.Add(record);
            });
        }

        Assert.Equal(Enumerable.Range(0, count), counted.Select(static one => one.Value).Order());
        foreach (IGrouping<string, Counted> key in counted.GroupBy(static one => one.Key))
            Assert.Equal(Enumerable.Range(1, key.Count()).Select(static number => (long)number), key.Select(static one => one.Count));
    }
}
