using Microsoft.Extensions.Logging;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Kafka;

/// <summary>Ends what a cluster has left open of transactions that it takes for ended, as their coordinator has decided.</summary>
/// <remarks>
/// A coordinator that has to write the end of a transaction to a partition without a leader skips that partition as if its topic were deleted (seen with Kafka 4.3.1 after a
/// broker was away for longer than its session). Readers of committed records wait there for ever. Means: DescribeTransactions, DescribeProducers and WriteTxnMarkers of KIP-664.
/// The decision is known as long as nobody has opened the transactional id again; so whoever opens it looks first.
/// </remarks>
internal sealed partial class HangingTransactions(Cluster cluster, ILogger logger)
{
    private const string GroupOffsets = "__consumer_offsets";
    private const short LatestMarkers = 2;

    /// <summary>A partition in which a transaction is open.</summary>
    private readonly record struct Place(string Topic, int Partition, int Epoch, long Start, int CoordinatorEpoch);

    /// <summary>The last transaction of a transactional id, when that is decided or about to be; waits while its end is being written.</summary>
    /// <returns>Null when there is none, or the cluster cannot tell.</returns>
    internal async Task<LastTransaction?> FindAsync(string id)
    {
        try
        {
            return await cluster.RetryAsync($"The last transaction of '{id}' cannot be told", async () =>
            {
                LastTransaction? last = await DescribeAsync(id);
                return last is { IsEnding: true } ? throw new PassingException("its end is being written") : last;
            });
        }
        catch (BrokerException unserved) when (unserved.InnerException is BrokerConnectionException { Problem: ConnectionProblem.UnsupportedVersion })
        {
            // Before Kafka 3.0.
            return null;
        }
    }

    /// <summary>Ends what is still open of a transaction that its coordinator has decided.</summary>
    /// <param name="last">The transaction, as <see cref="FindAsync"/> told it.</param>
    /// <param name="topics">Where to look; the groups' offsets are looked at too.</param>
    /// <param name="isFenced">True when its transactional id was opened since, so that nobody can go on with it; otherwise it is made sure that nobody has.</param>
    /// <returns>True when there was something.</returns>
    internal Task<bool> EndAsync(LastTransaction last, IReadOnlyCollection<string> topics, bool isFenced) => cluster.RetryAsync(
        $"What the cluster has left open of the transaction of '{last.TransactionalId}' cannot be ended",
        async () =>
        {
            (string Topic, int Partition)[] partitions = await PartitionsAsync([.. topics, GroupOffsets]);
            HashSet<Place> places = await OpenAsync(last, partitions);
            if (places.Count > 0 && !isFenced)
            {
                // Whoever has begun another transaction meanwhile has changed the one or the other.
                if (await DescribeAsync(last.TransactionalId) != last) return false;
                places.IntersectWith(await OpenAsync(last, partitions));
            }

            if (places.Count == 0) return false;
            try
            {
                await WriteAsync(last, places);
                Ended(logger, last.TransactionalId, last.Decision, Names(places));
            }
            catch (BrokerException refused) when (refused.IsFatal)
            {
                NotEnded(logger, last.TransactionalId, last.Decision, Names(places), refused.Message);
            }

            return true;
        });

    private async Task<LastTransaction?> DescribeAsync(string id)
    {
        BrokerConnection coordinator = await cluster.CoordinatorAsync(CoordinatorKind.Transaction, id);
        DescribeTransactionsResponse answer = await coordinator.SendAsync(new DescribeTransactionsRequest { TransactionalIds = [id] });
        DescribeTransactionsResponse.DescribedTransaction found = answer.TransactionStates.Single();
        if (found.ErrorCode == (short)KafkaError.TransactionalIdNotFound) return null;
        cluster.Check(found.ErrorCode, $"The last transaction of '{id}' cannot be told", Right.OnTransactionalId("Describe", id));
        return LastTransaction.From(id, found.TransactionState, found.ProducerId, found.ProducerEpoch);
    }

    private async Task<(string Topic, int Partition)[]> PartitionsAsync(IEnumerable<string> topics)
    {
        var partitions = new List<(string, int)>();
        foreach (string topic in topics.Distinct(StringComparer.Ordinal))
        {
            try
            {
                if (await cluster.FindAsync(topic) is { } found) partitions.AddRange(found.Partitions.Select(partition => (topic, partition.PartitionIndex)));
            }
            catch (BrokerException refused) when (refused.IsFatal)
            {
                // What it may not describe it does not write to; what hangs in the groups' offsets only those see who may.
            }
        }

        return [.. partitions];
    }

    private async Task<HashSet<Place>> OpenAsync(LastTransaction last, (string Topic, int Partition)[] partitions)
    {
        var places = new HashSet<Place>();
        foreach ((int leader, List<(string Topic, int Partition)> led) in await cluster.ByLeaderAsync(partitions, static place => place))
        {
            await using BrokerConnection connection = await cluster.ConnectAsync(leader);
            DescribeProducersResponse answer = await connection.SendAsync(new DescribeProducersRequest
            {
                Topics = [.. led.GroupBy(static place => place.Topic, StringComparer.Ordinal).Select(static topic =>
                    new DescribeProducersRequest.TopicRequest { Name = topic.Key, PartitionIndexes = [.. topic.Select(static place => place.Partition)] })],
            });
            foreach (DescribeProducersResponse.TopicResponse topic in answer.Topics)
            {
                foreach (DescribeProducersResponse.PartitionResponse partition in topic.Partitions)
                {
                    if (KafkaErrors.IsMoved(partition.ErrorCode)) cluster.Forget(topic.Name);
                    // Where it may not read, it may still write; what hangs there nobody can tell it.
                    if (partition.ErrorCode == (short)KafkaError.TopicAuthorizationFailed) continue;
                    cluster.Check(partition.ErrorCode, $"The producers of {topic.Name}/{partition.PartitionIndex} cannot be told");
                    places.UnionWith(partition.ActiveProducers
                        .Where(producer => producer.CurrentTxnStartOffset >= 0 && last.Has(producer.ProducerId, producer.ProducerEpoch))
                        .Select(producer => new Place(topic.Name, partition.PartitionIndex, producer.ProducerEpoch, producer.CurrentTxnStartOffset, producer.CoordinatorEpoch)));
                }
            }
        }

        return places;
    }

    private async Task WriteAsync(LastTransaction last, HashSet<Place> places)
    {
        foreach ((int leader, List<Place> led) in await cluster.ByLeaderAsync(places, static place => (place.Topic, place.Partition)))
        {
            await using BrokerConnection connection = await cluster.ConnectAsync(leader);
            WriteTxnMarkersResponse answer = await connection.SendAsync(
                new WriteTxnMarkersRequest
                {
                    Markers = [.. led.Select(place => new WriteTxnMarkersRequest.WritableTxnMarker
                    {
                        ProducerId = last.ProducerId,
                        ProducerEpoch = (short)place.Epoch,
                        TransactionResult = last.Outcome == TransactionOutcome.Committed,
                        // None has written there yet.
                        CoordinatorEpoch = Math.Max(0, place.CoordinatorEpoch),
                        Topics = [new() { Name = place.Topic, PartitionIndexes = [place.Partition] }],
                    })],
                },
                Cluster.Version(ApiKey.WriteTxnMarkers, connection, LatestMarkers));
            foreach (WriteTxnMarkersResponse.WritableTxnMarkerTopicResult topic in answer.Markers.SelectMany(static marker => marker.Topics))
            {
                foreach (WriteTxnMarkersResponse.WritableTxnMarkerPartitionResult partition in topic.Partitions)
                {
                    if (KafkaErrors.IsMoved(partition.ErrorCode)) cluster.Forget(topic.Name);
                    cluster.Check(partition.ErrorCode, $"The transaction's end cannot be written to {topic.Name}/{partition.PartitionIndex}");
                }
            }
        }
    }

    private static string Names(IEnumerable<Place> places) => string.Join(", ", places.Select(static place => $"{place.Topic}/{place.Partition}").Order(StringComparer.Ordinal));

    [LoggerMessage(204, LogLevel.Warning, "The cluster had left the transaction of '{TransactionalId}' open that it takes for {Decision}, in {Partitions}: readers of committed records waited there. It is {Decision} there too now")]
    private static partial void Ended(ILogger logger, string transactionalId, string decision, string partitions);

    [LoggerMessage(205, LogLevel.Warning, "The cluster has left the transaction of '{TransactionalId}' open that it takes for {Decision}, in {Partitions}: readers of committed records wait there, and it cannot be ended. {Reason}")]
    private static partial void NotEnded(ILogger logger, string transactionalId, string decision, string partitions, string reason);
}
