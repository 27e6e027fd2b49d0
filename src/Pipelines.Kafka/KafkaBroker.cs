using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Kafka;

/// <summary>The seam over the Kafka protocol: any cluster, or the shipped broker in another process. Whole batches both ways.</summary>
public sealed class KafkaBroker : IBroker
{
    private readonly ConcurrentDictionary<(string Topic, int Partition), PartitionConnection> partitions = new();
    private readonly Cluster cluster;
    private readonly TopicPolicies policies;
    private readonly HangingTransactions hanging;
    private readonly TopicCreation creation;

    /// <summary>A broker; nothing is asked of the cluster yet.</summary>
    /// <param name="options">Which cluster, and how to talk to it.</param>
    /// <param name="logger">Is told what is waited for.</param>
    public KafkaBroker(KafkaOptions options, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        logger ??= NullLogger.Instance;
        cluster = new Cluster(options, logger);
        policies = new TopicPolicies(cluster, logger);
        hanging = new HangingTransactions(cluster, logger);
        creation = new TopicCreation(cluster, logger);
    }

    /// <inheritdoc/>
    public async ValueTask<int?> FindTopicAsync(string topic) =>
        (await cluster.RetryAsync($"Topic '{topic}' cannot be looked up", () => cluster.FindAsync(topic)))?.Partitions.Count;

    /// <inheritdoc/>
    public ValueTask<TopicPolicy?> DescribeTopicAsync(string topic) => policies.DescribeAsync(topic);

    /// <inheritdoc/>
    public async ValueTask CreateTopicAsync(string topic, int partitions, bool isCompacted)
    {
        await creation.CreateAsync(topic, partitions, isCompacted);
        // The controller knows of a topic before the brokers do, and they before its partitions can be written to.
        int count = await cluster.RetryAsync(
            $"Topic '{topic}' was created and is not known yet", async () => (await cluster.FindAsync(topic) ?? throw new PassingException("the broker does not know it yet")).Partitions.Count);
        for (int partition = 0; partition < count; partition++) await GetRangeAsync(topic, partition);
    }

    /// <inheritdoc/>
    public async ValueTask<PartitionRange> GetRangeAsync(string topic, int partition) => await Offsets.RangeAsync(cluster, topic, partition);

    /// <inheritdoc/>
    public async ValueTask<FetchedBatches> FetchAsync(string topic, int partition, long offset, int maxBytes, TimeSpan maxWait) =>
        await partitions.GetOrAdd((topic, partition), static (id, cluster) => new PartitionConnection(cluster, id.Topic, id.Partition), cluster).FetchAsync(offset, maxBytes, maxWait);

    /// <inheritdoc/>
    public async ValueTask<ITransactionalProducer> OpenProducerAsync(string transactionalId, IReadOnlyCollection<string>? topics = null)
    {
        if (topics is null || cluster.Options.Guarantee != ProcessingGuarantee.ExactlyOnce) return await KafkaProducer.OpenAsync(cluster, transactionalId);
        // Opening makes the coordinator forget what it has decided on the last transaction.
        await EndHangingAsync(transactionalId, topics);
        LastTransaction? last = await hanging.FindAsync(transactionalId);
        KafkaProducer producer = await KafkaProducer.OpenAsync(cluster, transactionalId);
        if (last is { IsOpen: true }) await hanging.EndAsync(last.AfterOpening(), topics, isFenced: true);
        return producer;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> EndHangingAsync(string transactionalId, IReadOnlyCollection<string> topics) =>
        await hanging.FindAsync(transactionalId) is { IsOpen: false, Outcome: not TransactionOutcome.Unknown } last && await hanging.EndAsync(last, topics, isFenced: false);

    /// <inheritdoc/>
    public async ValueTask<long?> GetCommittedOffsetAsync(string group, string topic, int partition) => await Offsets.CommittedAsync(cluster, group, topic, partition);

    /// <inheritdoc/>
    public async ValueTask<OpenTransaction?> FindHolderAsync(string topic, int partition) =>
        await cluster.RetryAsync($"Who has a transaction open in {topic}/{partition} cannot be told", () => Holders.FindAsync(cluster, topic, partition));

    /// <inheritdoc/>
    public async ValueTask<OpenTransaction?> FindOffsetHolderAsync(string group) =>
        await cluster.RetryAsync($"Who has a transaction open with offsets of group '{group}' cannot be told", () => Holders.FindOfGroupAsync(cluster, group));

    /// <inheritdoc/>
    public async ValueTask DeleteRecordsAsync(IReadOnlyList<PartitionStart> starts) => await Deletions.RunAsync(cluster, starts);

    /// <inheritdoc/>
    public async ValueTask CommitOffsetsAsync(string group, IReadOnlyList<OffsetCommit> offsets)
    {
        short refused = await Offsets.CommitAsync(cluster, group, offsets, GroupClaim.Nobody);
        if (refused != 0) throw KafkaErrors.Refused(refused, $"Offsets of group '{group}' cannot be committed");
    }

    /// <inheritdoc/>
    public ValueTask<IGroupMember> OpenMemberAsync(GroupSubscription subscription) => new(new KafkaGroupMember(cluster, subscription));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (PartitionConnection connection in partitions.Values) await connection.DisposeAsync();
        await cluster.DisposeAsync();
    }
}
