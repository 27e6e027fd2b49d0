using Pipelines.Kafka.Tests.Brokers;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Security;
using Pipelines.Runtime;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Clients;
using Pipelines.Tests;

namespace Pipelines.Kafka.Tests.Messages;

/// <summary>A worker that may do everything but delete records works as any other, and says once what it lacks.</summary>
public sealed class PurgeRightTests
{
    private const string Passage = "app.values.values.number-by-value";

    // Source: Kafka protocol, resource types and operations of access control lists.
    private const sbyte Topic = 2;
    private const sbyte Group = 3;
    private const sbyte TransactionalId = 5;
    private const sbyte Read = 3;
    private const sbyte Write = 4;
    private const sbyte Create = 5;
    private const sbyte Delete = 6;
    private const sbyte Describe = 8;
    private const sbyte DescribeConfigs = 10;

    [Theory(Timeout = 240_000), MemberData(nameof(AccessTests.Clusters), MemberType = typeof(AccessTests))]
    public async Task Who_may_not_delete_records_says_so_once_and_goes_on(SeamKind kind)
    {
        await using GuardedBroker broker = await GuardedBroker.StartAsync(kind);
        await using BrokerConnection administrator = await broker.AdministerAsync();
        foreach (sbyte operation in (sbyte[])[Read, Write, Create, Describe, DescribeConfigs]) await AllowAsync(administrator, Topic, "*", operation);
        await AllowAsync(administrator, Group, "*", Read);
        await AllowAsync(administrator, TransactionalId, "*", Write);
        var log = new LogLines();
        await using var seam = new KafkaBroker(broker.AdministratorOptions);
        await using var own = new KafkaBroker(KafkaOptions.From(broker.Settings().Skip(1).Select(static setting => KeyValuePair.Create(setting.Name["Pipelines:Kafka:".Length..], setting.Value)).Append(KeyValuePair.Create("bootstrap.servers", broker.Bootstrap))), log);
        await using var worker = new PipelineWorker(
            own,
            [new Deployment(new OneDetector("values"))],
            new WorkerOptions { Application = "app", CommitInterval = TimeSpan.FromMilliseconds(20), PurgeInterval = TimeSpan.FromMilliseconds(100) },
            log);
        await worker.StartAsync();
        await SendAsync(seam);
        await worker.DrainAsync();
        string line = await log.FindAsync("takes room: ", Passage, "'User:alice' may not Delete topic", $"kafka-acls.sh --bootstrap-server {broker.Bootstrap} --add --allow-principal 'User:alice' --operation Delete --topic {Passage}");
        Assert.StartsWith("Warning: ", line, StringComparison.Ordinal);

        // Several intervals later it is still the only one, nothing has gone, and everything is counted.
        await SendAsync(seam);
        await worker.DrainAsync();
        await Task.Delay(500);
        Assert.Single(log.All, static said => said.StartsWith("Warning: ", StringComparison.Ordinal) && said.Contains("takes room", StringComparison.Ordinal));
        Assert.Equal(0, (await seam.GetRangeAsync(Passage, 0)).Start);
        int counted = 0;
        await new RecordReader(seam, "counted", 0).ReadToEndAsync((_, _) => counted++);
        Assert.Equal(200, counted);

        // From the moment that it is allowed it is done.
        await AllowAsync(administrator, Topic, Passage, Delete);
        for (int tries = 0; (await seam.GetRangeAsync(Passage, 0)).Start == 0; tries++)
        {
            Assert.True(tries < 300, string.Join(Environment.NewLine, log.All));
            await Task.Delay(100);
        }
    }

    private static async Task SendAsync(KafkaBroker broker)
    {
        await using RecordWriter writer = await RecordWriter.OpenAsync(broker, "feeder");
        await writer.PrepareAsync("numbers");
        for (int value = 0; value < 100; value++) writer.Send(new Number("key", value));
        await writer.CommitAsync();
    }

    private static async Task AllowAsync(BrokerConnection administrator, sbyte kind, string name, sbyte operation)
    {
        CreateAclsResponse answer = await administrator.SendAsync(new CreateAclsRequest
        {
            Creations = [new() { ResourceType = kind, ResourcePatternType = 3, ResourceName = name, Principal = "User:alice", Host = "*", Operation = operation, PermissionType = 3 }],
        });
        Assert.Equal(0, answer.Results.Single().ErrorCode);
    }
}
