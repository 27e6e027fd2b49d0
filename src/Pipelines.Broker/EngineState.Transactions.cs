using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Transactions;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker;

/// <content>Producers and transactions.</content>
/// <remarks>
/// A commit is durable in one round of flushes: the journal's entry names the end offset that each partition must have, and is flushed together
/// with the partitions. After a crash the entry counts only if all of that is there. The markers are written when the round has ended; lost
/// ones are written again at the same place by recovery, since nothing that follows them was acknowledged without them.
/// </remarks>
internal sealed partial class EngineState
{
    internal Outcome<ProducerIdentity> OpenProducer(string? transactionalId, TimeSpan timeout)
    {
        if (string.IsNullOrEmpty(transactionalId))
        {
            long id = nextProducerId++;
            journal.Append(new ProducerOpened("", id, 0));
            return new(new ProducerIdentity(ErrorCode.None, id, 0), IsWrite: true);
        }

        if (!transactions.TryGetValue(transactionalId, out TransactionState? transaction))
        {
            transaction = new TransactionState(transactionalId, nextProducerId++);
            transactions.Add(transactionalId, transaction);
            producers.Add(transaction.ProducerId, transaction);
        }

        // Whoever had the id is fenced from here on; what it left open is aborted under the new epoch.
        BumpEpoch(transaction);
        if (transaction.IsOngoing && !transaction.IsEnding) Abort(transaction);
        transaction.Timeout = timeout;
        transaction.LastCommitted = null;
        journal.Append(new ProducerOpened(transactionalId, transaction.ProducerId, transaction.Epoch));
        return new(new ProducerIdentity(ErrorCode.None, transaction.ProducerId, transaction.Epoch), IsWrite: true);
    }

    internal Outcome<AppendResult> Append(TopicPartition partition, Memory<byte> batches)
    {
        if (FindLog(partition) is not { } log) return new(new AppendResult(ErrorCode.UnknownTopicOrPartition, -1));
        if (!RecordBatchHeader.TryRead(batches.Span, out RecordBatchHeader header)) return new(new AppendResult(ErrorCode.CorruptMessage, -1));
        if (producers.TryGetValue(header.ProducerId, out TransactionState? transaction))
        {
            if (header.ProducerEpoch != transaction.Epoch) return new(new AppendResult(ErrorCode.InvalidProducerEpoch, -1));
            if (header.IsTransactional && (transaction.IsEnding || !transaction.Partitions.Contains(partition)))
                return new(new AppendResult(ErrorCode.InvalidTxnState, -1));
        }
        else if (header.IsTransactional)
        {
            return new(new AppendResult(ErrorCode.InvalidProducerIdMapping, -1));
        }

        AppendResult result = log.Append(batches.Span, isTrusted: false);
        return new(result, IsWrite: result.Error == ErrorCode.None);
    }

    internal Outcome<ErrorCode> AddPartitions(string transactionalId, long producerId, short epoch, IReadOnlyList<TopicPartition> partitions)
    {
        ErrorCode error = Find(transactionalId, producerId, epoch, out TransactionState transaction);
        if (error != ErrorCode.None) return new(error);
        if (transaction.IsEnding) return new(ErrorCode.InvalidTxnState);
        foreach (TopicPartition partition in partitions)
        {
            if (FindLog(partition) is null) return new(ErrorCode.UnknownTopicOrPartition);
        }

        Begin(transaction);
        transaction.Partitions.UnionWith(partitions);
        return new(ErrorCode.None);
    }

    internal Outcome<ErrorCode> AddOffsets(string transactionalId, long producerId, short epoch, string group, IReadOnlyList<GroupOffset> offsets)
    {
        ErrorCode error = Find(transactionalId, producerId, epoch, out TransactionState transaction);
        if (error != ErrorCode.None) return new(error);
        if (transaction.IsEnding || (transaction.Group.Length > 0 && transaction.Group != group)) return new(ErrorCode.InvalidTxnState);
        Begin(transaction);
        transaction.Group = group;
        foreach (GroupOffset offset in offsets) transaction.Offsets[offset.Partition] = offset;
        return new(ErrorCode.None);
    }

    internal Outcome<ErrorCode> EndTransaction(string transactionalId, long producerId, short epoch, bool commit)
    {
        ErrorCode error = Find(transactionalId, producerId, epoch, out TransactionState transaction);
        if (error != ErrorCode.None) return new(error);
        if (transaction.IsEnding) return new(ErrorCode.InvalidTxnState);
        // A repeated request gets the answer of the first; an empty transaction may end either way.
        if (!transaction.IsOngoing) return new(transaction.LastCommitted is null || transaction.LastCommitted == commit ? ErrorCode.None : ErrorCode.InvalidTxnState);
        transaction.LastCommitted = commit;
        if (commit) return Prepare(transaction);
        Abort(transaction);
        return new(ErrorCode.None, IsWrite: true);
    }

    /// <summary>A whole transaction in one request.</summary>
    internal Outcome<ErrorCode> Commit(TransactionCommit request)
    {
        ErrorCode error = Find(request.TransactionalId, request.ProducerId, request.ProducerEpoch, out TransactionState transaction);
        if (error != ErrorCode.None) return new(error);
        if (transaction.IsOngoing || transaction.IsEnding) return new(ErrorCode.InvalidTxnState);
        foreach (PartitionAppend append in request.Appends)
        {
            if (FindLog(append.Partition) is null) return new(ErrorCode.UnknownTopicOrPartition);
        }

        Begin(transaction);
        foreach (PartitionAppend append in request.Appends)
        {
            transaction.Partitions.Add(append.Partition);
            AppendResult result = FindLog(append.Partition)!.Append(append.Batches.Span, isTrusted: true);
            if (result.Error == ErrorCode.None) continue;
            Abort(transaction);
            return new(result.Error, IsWrite: true);
        }

        transaction.Group = request.Group;
        foreach (GroupOffset offset in request.Offsets) transaction.Offsets[offset.Partition] = offset;
        if (!transaction.IsOngoing) return new(ErrorCode.None);
        transaction.LastCommitted = true;
        return Prepare(transaction);
    }

    /// <summary>Aborts transactions that have been open for longer than their producers allowed.</summary>
    internal Outcome<int> AbortOverdue()
    {
        int count = 0;
        foreach (TransactionState transaction in transactions.Values)
        {
            if (!transaction.IsOngoing || transaction.IsEnding || transaction.BeganAt == 0) continue;
            if (options.Clock.GetElapsedTime(transaction.BeganAt) < transaction.Timeout) continue;
            // The producer learns of it from its next request: its epoch is no longer the right one.
            BumpEpoch(transaction);
            Abort(transaction);
            journal.Append(new ProducerOpened(transaction.TransactionalId, transaction.ProducerId, transaction.Epoch));
            count++;
        }

        return new(count, IsWrite: count > 0);
    }

    private Outcome<ErrorCode> Prepare(TransactionState transaction)
    {
        transaction.IsEnding = true;
        var ends = new List<PartitionEnd>();
        foreach (TopicPartition partition in transaction.Partitions)
        {
            PartitionLog log = FindLog(partition)!;
            if (log.FindProducer(transaction.ProducerId) is { OpenTransaction: >= 0 }) ends.Add(new PartitionEnd(partition, log.EndOffset));
        }

        var entry = new TransactionPrepared(nextTransaction++, transaction.ProducerId, transaction.Epoch, transaction.Group, [.. transaction.Offsets.Values], ends);
        journal.Append(entry);
        return new(ErrorCode.None, IsWrite: true, () => Finish(transaction, entry));
    }

    /// <summary>The decision is durable: markers, offsets, and the transaction is over.</summary>
    private void Finish(TransactionState transaction, TransactionPrepared entry)
    {
        var markers = new List<PartitionEnd>();
        foreach (PartitionEnd end in entry.Ends)
        {
            PartitionLog log = FindLog(end.Partition)!;
            log.AppendMarker(entry.ProducerId, entry.Epoch, isCommit: true, NowMs);
            markers.Add(new PartitionEnd(end.Partition, log.EndOffset));
            log.Advance(log.HighWatermark);
        }

        unfinished.Add((entry, markers));
        Apply(entry.Group, entry.Offsets);
        transaction.Reset();
    }

    private void Abort(TransactionState transaction)
    {
        foreach (TopicPartition partition in transaction.Partitions)
        {
            PartitionLog log = FindLog(partition)!;
            if (log.FindProducer(transaction.ProducerId) is { OpenTransaction: >= 0 })
                log.AppendMarker(transaction.ProducerId, transaction.Epoch, isCommit: false, NowMs);
        }

        transaction.Reset();
    }

    private void Begin(TransactionState transaction)
    {
        if (!transaction.IsOngoing) transaction.BeganAt = options.Clock.GetTimestamp();
    }

    private void BumpEpoch(TransactionState transaction)
    {
        if (transaction.Epoch < short.MaxValue - 1)
        {
            transaction.Epoch++;
            return;
        }

        // The epochs are used up: a new id, whose producer begins anew.
        if (transaction.IsOngoing && !transaction.IsEnding) Abort(transaction);
        transaction.ProducerId = nextProducerId++;
        transaction.Epoch = 0;
        producers[transaction.ProducerId] = transaction;
    }

    private ErrorCode Find(string transactionalId, long producerId, short epoch, out TransactionState transaction)
    {
        if (!transactions.TryGetValue(transactionalId, out transaction!)) return ErrorCode.InvalidProducerIdMapping;
        if (transaction.ProducerId != producerId) return epoch < short.MaxValue - 1 ? ErrorCode.InvalidProducerIdMapping : ErrorCode.ProducerFenced;
        return transaction.Epoch == epoch ? ErrorCode.None : ErrorCode.ProducerFenced;
    }
}
