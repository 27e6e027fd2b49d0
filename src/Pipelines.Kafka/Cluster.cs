using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Kafka;

/// <summary>Who leads what, as last heard; and the connections that are not a partition's own.</summary>
internal sealed class Cluster(KafkaOptions options, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);
    private readonly BrokerClient client = new(options.Bootstrap, options.CommitConnection);
    private readonly ConcurrentDictionary<string, MetadataResponse.MetadataResponseTopic> topics = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, (string Host, int Port)> nodes = new();

    internal KafkaOptions Options => options;

    /// <summary>Tells of requests that are sent again and again.</summary>
    internal Trouble Trouble { get; } = new(logger, options.Clock);

    /// <summary>The brokers, as last heard.</summary>
    internal IReadOnlyCollection<int> Nodes => [.. nodes.Keys];

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

        if (found.ErrorCode != (short)KafkaError.LeaderNotAvailable) Check(found.ErrorCode, $"Topic '{topic}' cannot be looked up", Right.OnTopic("Describe", topic));
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

    /// <summary>Sorts what is for partitions by the brokers that lead those.</summary>
    internal async Task<Dictionary<int, List<T>>> ByLeaderAsync<T>(IEnumerable<T> items, Func<T, (string Topic, int Partition)> placeOf)
    {
        var byLeader = new Dictionary<int, List<T>>();
        foreach (T item in items)
        {
            (string topic, int partition) = placeOf(item);
            int leader = await LeaderOfAsync(topic, partition);
            if (!byLeader.TryGetValue(leader, out List<T>? led)) byLeader.Add(leader, led = []);
            led.Add(item);
        }

        return byLeader;
    }

    /// <summary>What was heard of the topic is out of date.</summary>
    internal void Forget(string topic) => topics.TryRemove(topic, out _);

    /// <summary>A connection of its own to a broker, which a long poll may hold up.</summary>
    /// <param name="node">The broker.</param>
    /// <param name="frameMemory">What answers are read into.</param>
    internal Task<BrokerConnection> ConnectAsync(int node, Func<int, byte[]>? frameMemory = null) => ConnectAsync(node, options.Connection with { FrameMemory = frameMemory });

    /// <summary>A connection of its own to a broker.</summary>
    internal async Task<BrokerConnection> ConnectAsync(int node, BrokerConnectionOptions how)
    {
        (string host, int port) = nodes[node];
        return await BrokerConnection.ConnectAsync(host, port, how);
    }

    /// <summary>A connection of its own to a group's coordinator, for requests that wait long.</summary>
    internal async Task<BrokerConnection> ConnectCoordinatorAsync(string group, TimeSpan requestTimeout)
    {
        BrokerConnection shared = await CoordinatorAsync(CoordinatorKind.Group, group);
        int colon = shared.Address.LastIndexOf(':');
        return await BrokerConnection.ConnectAsync(
            shared.Address[..colon].Trim('[', ']'), int.Parse(shared.Address.AsSpan(colon + 1), System.Globalization.CultureInfo.InvariantCulture), options.Connection with { RequestTimeout = requestTimeout });
    }

    internal Task<BrokerConnection> AnyAsync() => client.AnyAsync();

    internal Task<BrokerConnection> ControllerAsync() => client.ControllerAsync();

    internal async Task<BrokerConnection> CoordinatorAsync(CoordinatorKind kind, string key)
    {
        try
        {
            return await client.CoordinatorAsync(kind, key);
        }
        catch (BrokerConnectionException refused) when (refused.ErrorCode != 0 && refused.Problem == ConnectionProblem.Other && !KafkaErrors.IsPassing(refused.ErrorCode))
        {
            (string what, Right needed) = kind == CoordinatorKind.Group ? ("group", Right.OnGroup("Describe", key)) : ("transactional id", Right.OnTransactionalId("Describe", key));
            throw Refused(refused.ErrorCode, $"The coordinator of {what} '{key}' cannot be found", said: null, needed);
        }
    }

    /// <summary>The highest version of an API that both sides have, and that is not above a bound.</summary>
    internal static short Version(ApiKey api, BrokerConnection connection, short most) => Math.Min(connection.VersionOf(api), most);

    /// <summary>Asks again while the cluster cannot answer at the moment, for as long as patience lasts.</summary>
    /// <param name="what">What is asked, as the beginning of a sentence.</param>
    /// <param name="ask">Asks; throws a <see cref="PassingException"/> for an error that passes.</param>
    /// <param name="pauses">How long to wait before it is asked again; a little longer each time unless said.</param>
    internal async Task<T> RetryAsync<T>(string what, Func<Task<T>> ask, Pauses? pauses = null)
    {
        long began = options.Clock.GetTimestamp();
        pauses ??= new Pauses(options.Clock, ShortestPause, LongestPause);
        for (bool isFirst = true; ; isFirst = false)
        {
            try
            {
                T answer = await ask();
                Trouble.Over();
                return answer;
            }
            catch (Exception passing) when (passing is PassingException or BrokerConnectionException)
            {
                // A lost request alone can take all the patience there is; so one more is always sent.
                bool isLast = passing is BrokerConnectionException { IsFatal: true } || (!isFirst && options.Clock.GetElapsedTime(began) > options.Patience);
                if (isLast) throw Failed(what, passing);
                Trouble.Tell(began, what, Explain(passing));
            }

            await pauses.WaitAsync();
        }
    }

    /// <summary>What it comes to that something could not be asked.</summary>
    /// <param name="what">What was to be asked, as the beginning of a sentence.</param>
    /// <param name="why">Why it could not.</param>
    internal BrokerException Failed(string what, Exception why) => new($"{what}: {Explain(why)}", why is BrokerConnectionException { IsFatal: true }, why);

    /// <summary>Throws for an error: one that passes to be asked again, any other for good.</summary>
    /// <param name="code">The broker's code.</param>
    /// <param name="what">What was asked, as the beginning of a sentence.</param>
    /// <param name="needed">What it needs to be allowed.</param>
    internal void Check(short code, string what, params ReadOnlySpan<Right> needed) => Check(code, what, said: null, needed);

    /// <inheritdoc cref="Check(short, string, ReadOnlySpan{Right})"/>
    internal void Check(short code, string what, string? said, params ReadOnlySpan<Right> needed)
    {
        if (code == 0) return;
        if (KafkaErrors.IsPassing(code)) throw new PassingException($"the broker answers {(KafkaError)code}");
        throw Refused(code, what, said, needed);
    }

    /// <summary>What a refused request comes to.</summary>
    internal BrokerException Refused(short code, string what, string? said, params ReadOnlySpan<Right> needed) =>
        KafkaErrors.Refused(code, what, said, Right.Missing(code, needed)?.Explain(options));

    /// <summary>Why something could not be asked, and what to do.</summary>
    internal string Explain(Exception why) => why is BrokerConnectionException problem ? ConnectionAdvice.Explain(problem, options) : why.Message;

    public ValueTask DisposeAsync() => client.DisposeAsync();
}

/// <summary>The broker cannot answer at the moment.</summary>
internal sealed class PassingException(string message) : Exception(message);
