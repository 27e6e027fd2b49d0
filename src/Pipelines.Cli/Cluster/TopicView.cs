using Pipelines.Broker.Log;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;

namespace Pipelines.Cli.Cluster;

/// <summary>Topics as the cluster described them at one moment, and questions to the leaders of their partitions.</summary>
internal sealed class TopicView
{
    /// <summary>The time that stands for the end of a log, in ListOffsets.</summary>
    internal const long Latest = -1;

    /// <summary>The time that stands for the start of a log, in ListOffsets.</summary>
    internal const long Earliest = -2;

    private readonly Session session;
    private readonly Dictionary<TopicPartition, MetadataResponse.MetadataResponsePartition> partitions = [];

    private TopicView(Session session, MetadataResponse metadata)
    {
        this.session = session;
        Metadata = metadata;
        Topics = [.. metadata.Topics.OrderBy(static topic => topic.Name, StringComparer.Ordinal)];
        foreach (MetadataResponse.MetadataResponseTopic topic in Topics)
            foreach (MetadataResponse.MetadataResponsePartition partition in topic.Partitions) partitions[new(topic.Name!, partition.PartitionIndex)] = partition;
    }

    /// <summary>The whole answer.</summary>
    internal MetadataResponse Metadata { get; }

    /// <summary>The topics, by name.</summary>
    internal IReadOnlyList<MetadataResponse.MetadataResponseTopic> Topics { get; }

    /// <summary>All partitions, by topic and number.</summary>
    internal IEnumerable<TopicPartition> Partitions => Topics.SelectMany(static topic => PartitionsOf(topic));

    /// <summary>Reads all topics.</summary>
    internal static async Task<TopicView> AllAsync(Session session) => new(session, await session.AskAnyAsync(new MetadataRequest { Topics = null, AllowAutoTopicCreation = false }));

    /// <summary>Reads topics by name.</summary>
    /// <exception cref="CommandException">One does not exist.</exception>
    internal static async Task<TopicView> OfAsync(Session session, IEnumerable<string> names)
    {
        List<MetadataRequest.MetadataRequestTopic> topics = [.. names.Distinct().Select(static name => new MetadataRequest.MetadataRequestTopic { Name = name })];
        // Version 4 is the first that can be told not to create what is asked about.
        MetadataResponse metadata = await session.PatientlyAsync(
            () => session.AskAnyAsync(new MetadataRequest { Topics = topics, AllowAutoTopicCreation = false }),
            static answer => answer.Topics.Select(static topic => topic.ErrorCode).Concat(answer.Topics.SelectMany(static topic => topic.Partitions).Select(static partition => partition.ErrorCode)).FirstOrDefault(Errors.IsPassing));
        foreach (MetadataResponse.MetadataResponseTopic topic in metadata.Topics.Where(static topic => topic.ErrorCode != 0))
        {
            if (topic.ErrorCode == (short)Broker.ErrorCode.UnknownTopicOrPartition)
                throw new CommandException($"There is no topic '{topic.Name}'. See 'pipelines topics list', or make it with 'pipelines topics create {topic.Name}'.");
            Errors.Throw(topic.ErrorCode, $"Topic '{topic.Name}'");
        }

        return new TopicView(session, metadata);
    }

    /// <summary>The partitions of a topic.</summary>
    internal static IEnumerable<TopicPartition> PartitionsOf(MetadataResponse.MetadataResponseTopic topic) =>
        topic.Partitions.OrderBy(static partition => partition.PartitionIndex).Select(partition => new TopicPartition(topic.Name!, partition.PartitionIndex));

    /// <summary>Whether there is such a partition.</summary>
    internal bool Has(TopicPartition partition) => partitions.ContainsKey(partition);

    /// <summary>The number of partitions of a topic.</summary>
    internal int CountOf(string topic) => Topics.First(found => found.Name == topic).Partitions.Count;

    /// <summary>A connection to the leader of a partition.</summary>
    internal Task<BrokerConnection> LeaderAsync(TopicPartition partition) =>
        session.Client.NodeAsync(LeaderOf(partition), session.Stop);

    /// <summary>The number of the broker that leads a partition.</summary>
    /// <exception cref="CommandException">None does.</exception>
    internal int LeaderOf(TopicPartition partition) => partitions.TryGetValue(partition, out MetadataResponse.MetadataResponsePartition? found)
        ? found.LeaderId >= 0 ? found.LeaderId : throw new CommandException($"Partition {partition.Partition} of topic '{partition.Topic}' has no leader. Start the broker that holds it.")
        : throw new CommandException($"Topic '{partition.Topic}' has no partition {partition.Partition}; see 'pipelines topics describe {partition.Topic}'.");

    /// <summary>Asks each leader about its partitions, topic by topic.</summary>
    internal async Task AskLeadersAsync(IEnumerable<TopicPartition> about, Func<BrokerConnection, IReadOnlyList<IGrouping<string, TopicPartition>>, Task> ask)
    {
        foreach (IGrouping<int, TopicPartition> led in about.GroupBy(LeaderOf))
            await ask(await session.Client.NodeAsync(led.Key, session.Stop), [.. led.GroupBy(static partition => partition.Topic)]);
    }

    /// <summary>Offsets by time.</summary>
    /// <param name="about">The partitions.</param>
    /// <param name="timestamp">Unix milliseconds, <see cref="Latest"/> or <see cref="Earliest"/>.</param>
    /// <param name="isCommitted">The end is that of the last transaction that is decided.</param>
    /// <returns>The first offset at or after the time; -1 where there is none.</returns>
    internal async Task<Dictionary<TopicPartition, long>> OffsetsAsync(IEnumerable<TopicPartition> about, long timestamp, bool isCommitted = false)
    {
        var offsets = new Dictionary<TopicPartition, long>();
        await AskLeadersAsync(about, async (leader, topics) =>
        {
            var request = new ListOffsetsRequest
            {
                ReplicaId = -1,
                IsolationLevel = (sbyte)(isCommitted ? 1 : 0),
                TimeoutMs = 20_000,
                Topics = [.. topics.Select(topic => new ListOffsetsRequest.ListOffsetsTopic
                {
                    Name = topic.Key,
                    Partitions = [.. topic.Select(partition => new ListOffsetsRequest.ListOffsetsPartition { PartitionIndex = partition.Partition, Timestamp = timestamp })],
                })],
            };
            ListOffsetsResponse answer = await session.PatientlyAsync(
                () => leader.SendAsync(request, cancellation: session.Stop),
                static answer => answer.Topics.SelectMany(static topic => topic.Partitions).Select(static partition => partition.ErrorCode).FirstOrDefault(Errors.IsPassing));
            foreach (ListOffsetsResponse.ListOffsetsTopicResponse topic in answer.Topics)
            {
                foreach (ListOffsetsResponse.ListOffsetsPartitionResponse partition in topic.Partitions)
                {
                    Errors.Check(partition.ErrorCode, $"Offsets of partition {partition.PartitionIndex} of '{topic.Name}'");
                    offsets[new(topic.Name, partition.PartitionIndex)] = partition.Offset;
                }
            }
        });
        return offsets;
    }
}
