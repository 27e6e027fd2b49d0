using System.Text.RegularExpressions;
using Pipelines.Broker.Log;
using Pipelines.Broker.Transactions;

namespace Pipelines.Broker;

/// <content>What is shown of transactions, and how an operator ends them.</content>
internal sealed partial class EngineState
{
    internal IReadOnlyList<TransactionListing> ListTransactions(TransactionFilter filter, Regex? pattern)
    {
        var all = new List<TransactionListing>();
        foreach (TransactionState transaction in transactions.Values)
        {
            if (filter.Phases.Count > 0 && !filter.Phases.Contains(transaction.Phase)) continue;
            if (filter.ProducerIds.Count > 0 && !filter.ProducerIds.Contains(transaction.ProducerId)) continue;
            if (filter.OpenFor is { } least && (!transaction.IsOngoing || options.Clock.GetElapsedTime(transaction.BeganAt) <= least)) continue;
            if (pattern is not null && !pattern.IsMatch(transaction.TransactionalId)) continue;
            all.Add(new TransactionListing(transaction.TransactionalId, transaction.ProducerId, transaction.Phase));
        }

        all.Sort(static (left, right) => string.CompareOrdinal(left.TransactionalId, right.TransactionalId));
        return all;
    }

    internal TransactionDescription? DescribeTransaction(string transactionalId)
    {
        if (!transactions.TryGetValue(transactionalId, out TransactionState? transaction)) return null;
        return new TransactionDescription(
            transactionalId,
            transaction.Phase,
            transaction.ProducerId,
            transaction.Epoch,
            transaction.Timeout,
            transaction.IsOngoing ? transaction.BeganTime : null,
            [.. transaction.Partitions.OrderBy(static partition => partition.Topic, StringComparer.Ordinal).ThenBy(static partition => partition.Partition)],
            [.. transaction.Groups.Keys.Order(StringComparer.Ordinal)]);
    }

    internal IReadOnlyList<ActiveProducer>? DescribeProducers(TopicPartition partition) => FindLog(partition)?.DescribeProducers();

    /// <summary>An operator ends a transaction; its producer is fenced, and told so by its next request.</summary>
    internal Outcome<ErrorCode> AbortTransaction(string transactionalId)
    {
        if (!transactions.TryGetValue(transactionalId, out TransactionState? transaction)) return new(ErrorCode.TransactionalIdNotFound);
        if (transaction.IsEnding) return new(ErrorCode.ConcurrentTransactions);
        if (!transaction.IsOngoing) return new(ErrorCode.InvalidTxnState);
        Fence(transaction);
        journal.Append(Opened(transaction));
        return new(ErrorCode.None, IsWrite: true);
    }

    /// <summary>The same by a partition and a producer: the whole transaction when it is known, else what hangs in the partition.</summary>
    internal Outcome<ErrorCode> AbortTransaction(TopicPartition partition, long producerId, short epoch)
    {
        if (FindLog(partition) is not { } log) return new(ErrorCode.UnknownTopicOrPartition);
        short latest = log.EpochOf(producerId);
        if (epoch < latest) return new(ErrorCode.InvalidProducerEpoch);
        if (log.OpenTransactionOf(producerId) < 0) return new(ErrorCode.None);
        // A commit that is becoming durable may have its next epoch already, or a new owner: it ends by itself.
        bool isKnown = producers.TryGetValue(producerId, out TransactionState? transaction) && transaction.Partitions.Contains(partition);
        if (isKnown && transaction!.IsEnding) return new(ErrorCode.ConcurrentTransactions);
        if (isKnown && transaction!.ProducerId == producerId) return AbortTransaction(transaction.TransactionalId);
        log.AppendMarker(producerId, epoch, isCommit: false, isDecided: false, NowMs);
        return new(ErrorCode.None, IsWrite: true);
    }
}
