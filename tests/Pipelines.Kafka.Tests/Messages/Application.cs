using System.Globalization;
using Pipelines.Kafka.Tests.Brokers;
using Pipelines.Kafka.Tests.Groups;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Runtime.Clients;
using Pipelines.Tests;
using Pipelines.Topology;

namespace Pipelines.Kafka.Tests.Messages;

/// <summary>An application with names of its own on a broker, whose topics a test makes as it likes.</summary>
internal sealed class Application(SeamBroker seam, string detector) : IAsyncDisposable
{
    private const sbyte OfTopic = 2;
    private readonly string name = SeamBroker.Unique("app");

    /// <summary>How far it has come.</summary>
    internal string Progress => $"{name}.progress";

    /// <summary>Its state.</summary>
    internal string Changelog => $"{name}.{detector}.changelog";

    /// <summary>The topic through which records go that get another key.</summary>
    internal string Passage => $"{name}.{detector}.{name}-{detector}.number-by-value";

    private DeploymentTopology Topology => new RenamedTopology(new OneDetector(detector), name);

    /// <summary>A topic of the detectors, as it is called here.</summary>
    internal string Topic(string topic) => $"{name}-{topic}";

    /// <summary>Starts the program.</summary>
    internal Started Run(params IEnumerable<(string Name, string Value)> settings) =>
        Started.Run(Topology, [("Pipelines:Application", name), ("Pipelines:Broker", $"kafka://{seam.Bootstrap}"), ("Pipelines:CommitInterval", "00:00:00.020"), .. settings]);

    /// <summary>The one line that the program ends with.</summary>
    internal async Task<string> RefusedAsync(params IEnumerable<(string Name, string Value)> settings)
    {
        await using Started program = Run(settings);
        return await program.RefusedAsync();
    }

    /// <summary>Makes a topic, as somebody would who does not know what it is for.</summary>
    internal async Task CreateAsync(string topic, int partitions, params string[] settings)
    {
        await using BrokerConnection connection = await ConnectAsync();
        CreateTopicsResponse answer = await connection.SendAsync(new CreateTopicsRequest
        {
            Topics = [new() { Name = topic, NumPartitions = partitions, ReplicationFactor = 1, Configs = [.. settings.Select(static setting => new CreateTopicsRequest.CreatableTopicConfig { Name = setting.Split('=')[0], Value = setting.Split('=')[1] })] }],
            timeoutMs = 10_000,
        });
        Assert.Equal(0, answer.Topics.Single().ErrorCode);
        await seam.Broker.CreateTopicAsync(topic, partitions, isCompacted: false);
    }

    /// <summary>Does what the command at the end of a line says.</summary>
    internal async Task MendAsync(string line)
    {
        string[] words = line.Split("Run: pipelines topics alter ")[1].Split(' ');
        await using BrokerConnection connection = await ConnectAsync();
        IncrementalAlterConfigsResponse answer = await connection.SendAsync(new IncrementalAlterConfigsRequest
        {
            Resources =
            [
                new()
                {
                    ResourceType = OfTopic,
                    ResourceName = words[0],
                    Configs = [.. words.Skip(1).Where(static word => word != "--set").Select(static setting => new IncrementalAlterConfigsRequest.AlterableConfig { Name = setting.Split('=')[0], Value = setting.Split('=')[1] })],
                },
            ],
        });
        Assert.Equal(0, answer.Responses.Single().ErrorCode);
    }

    /// <summary>Sends numbers of a given time.</summary>
    internal async Task SendAsync(int count, DateTimeOffset time)
    {
        await using RecordWriter writer = await RecordWriter.OpenAsync(seam.Broker, $"{name}-feeder");
        await writer.PrepareAsync(Topic("numbers"));
        for (int value = 0; value < count; value++)
        {
            EncodeBuffer key = new(), bytes = new();
            var number = new Number(value.ToString(CultureInfo.InvariantCulture), value);
            Number.WriteKey(in number, key);
            Number.WriteValue(in number, bytes);
            writer.Send(Topic("numbers"), hasKey: true, key.Written, hasValue: true, bytes.Written, time.ToUnixTimeMilliseconds());
        }

        await writer.CommitAsync();
    }

    public ValueTask DisposeAsync() => seam.DisposeAsync();

    private Task<BrokerConnection> ConnectAsync()
    {
        string[] address = seam.Bootstrap!.Split(':');
        return BrokerConnection.ConnectAsync(address[0], int.Parse(address[1], CultureInfo.InvariantCulture));
    }
}
