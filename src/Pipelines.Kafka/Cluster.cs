using System.Collections.Concurrent;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Kafka;

/// <summary>Who leads what, as last heard; and the connections that are not a partition's own.</summary>
internal sealed class Cluster(KafkaOptions options) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private readonly BrokerClient client = new(options.Bootstrap, options.Connection);
    private readonly ConcurrentDictionary<string, MetadataResponse.MetadataResponseTopic> topics = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, (string Host, int Port)> nodes = new();

    internal KafkaOptions Options => options;

    /// <summary>A topic, or null when there is no such topic; asks the cluster.</summary>
    internal async Task<MetadataResponse.MetadataResponseTopic?> FindAsync(string topic)
    {
        BrokerConnection any = await AnyAsync();
        MetadataResponse answer = await any.SendAsync(new MetadataRequest { Topics = [new() { Name = topic }], AllowAutoTopicCreation = false }, Version(ApiKey.Metadata, any, 9));
        foreach (MetadataResponse.MetadataResponseBroker node in answer.Brokers) nodes[node.NodeId] = (node.Host, node.Port);
        MetadataResponse.MetadataResponseTopic found = answer.Topics.Single();
        if (found.ErrorCode == (short)KafkaError.UnknownTopicOrPartition)
        {
            topics.TryRemove(topic, out _);
            return null;
        }

        if (found.ErrorCode != 0 && found.ErrorCode != (short)KafkaError.LeaderNotAvailable) throw KafkaErrors.Refused(found.ErrorCode, $"Topic '{topic}' cannot be looked up");
        return topics[topic] = found;
    }

    /// <summary>The broker that leads a partition.</summary>
    internal async Task<int> LeaderOfAsync(string topic, int partition)
    {
        if (!topics.TryGetValue(topic, out MetadataResponse.MetadataResponseTopic? known)) known = await FindAsync(topic);
        int leader = known?.Partitions.Find(one => one.PartitionIndex == partition)?.LeaderId ?? -1;
        if (leader >= 0) return leader;
        topics.TryRemove(topic, out _);
        throw new BrokerException(
            known is null ? $"There is no topic '{topic}'. Create it, or correct the name." : $"{topic}/{partition} has no leader at the moment.", isFatal: known is null);
    }

    /// <summary>What was heard of the topic is out of date.</summary>
    internal void Forget(string topic) => topics.TryRemove(topic, out _);

    /// <summary>A connection of its own to a broker, which a long poll may hold up.</summary>
    /// <param name="node">The broker.</param>
    /// <param name="reusesFrames">Whether an answer's bytes end with the next request.</param>
    internal async Task<BrokerConnection> ConnectAsync(int node, bool reusesFrames = false)
    {
        (string host, int port) = nodes[node];
        return await BrokerConnection.ConnectAsync(host, port, options.Connection with { ReusesFrames = reusesFrames });
    }

    /// <summary>A connection of its own to a group's coordinator, for requests that wait long.</summary>
    internal async Task<BrokerConnection> ConnectCoordinatorAsync(string group, TimeSpan requestTimeout)
    {
        BrokerConnection shared = await client.CoordinatorAsync(CoordinatorKind.Group, group);
        int colon = shared.Address.LastIndexOf(':');
        return await BrokerConnection.ConnectAsync(
            shared.Address[..colon].Trim('[', ']'), int.Parse(shared.Address.AsSpan(colon + 1), System.Globalization.CultureInfo.InvariantCulture), options.Connection with { RequestTimeout = requestTimeout });
    }

    internal Task<BrokerConnection> AnyAsync() => client.AnyAsync();

    internal Task<BrokerConnection> ControllerAsync() => client.ControllerAsync();

    internal Task<BrokerConnection> CoordinatorAsync(CoordinatorKind kind, string key) => client.CoordinatorAsync(kind, key);

    /// <summary>The highest version of an API that both sides have, and that is not above a bound.</summary>
    internal static short Version(ApiKey api, BrokerConnection connection, short most) => Math.Min(connection.VersionOf(api), most);

    /// <summary>Asks again while the cluster cannot answer at the moment, for as long as patience lasts.</summary>
    /// <param name="what">What is asked, as the beginning of a sentence.</param>
    /// <param name="ask">Asks; throws a <see cref="PassingException"/> for an error that passes.</param>
    internal async Task<T> RetryAsync<T>(string what, Func<Task<T>> ask)
    {
        long began = options.Clock.GetTimestamp();
        for (bool isFirst = true; ; isFirst = false)
        {
            try
            {
                return await ask();
            }
            catch (Exception passing) when (passing is PassingException or BrokerConnectionException)
            {
                // A lost request alone can take all the patience there is; so one more is always sent.
                if (!isFirst && options.Clock.GetElapsedTime(began) > options.Patience) throw new BrokerException($"{what}: {passing.Message}", isFatal: false, passing);
            }

            await Task.Delay(Pause, options.Clock);
        }
    }

    /// <summary>Throws for an error: one that passes to be asked again, any other for good.</summary>
    internal static void Check(short code, string what, string? said = null)
    {
        if (code == 0) return;
        if (KafkaErrors.IsPassing(code)) throw new PassingException($"the broker answers {(KafkaError)code}");
        throw KafkaErrors.Refused(code, what, said);
    }

    public ValueTask DisposeAsync() => client.DisposeAsync();
}

/// <summary>The broker cannot answer at the moment.</summary>
internal sealed class PassingException(string message) : Exception(message);
