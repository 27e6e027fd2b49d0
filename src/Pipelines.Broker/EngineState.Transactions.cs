using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Transactions;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker;

/// <content>Appends and transactions.</content>
/// <remarks>
/// A commit is durable in one round of flushes: the journal's entry names the end offset that each partition must have, and is flushed together
/// with the partitions. After a crash the entry counts only if all of that is there. The markers are written when the round has ended; lost
/// ones are written again by recovery, and nothing that follows them was served without them. A transaction that is open outlives the engine: what was
/// added to it is in the journal before it is acknowledged.
/// </remarks>
internal sealed partial class EngineState
{
    internal Outcome<AppendResult> Append(TopicPartition partition, Memory<byte> batches)
    {
        if (FindLog(partition) is not { } log) return new(new AppendResult(ErrorCode.UnknownTopicOrPartition, -1));
        if (!RecordBatchHeader.TryRead(batches.Span, out RecordBatchHeader header)) return new(new AppendResult(ErrorCode.CorruptMessage, -1));
        ErrorCode error = MayAppend(partition, in header);
        if (error != ErrorCode.None) return new(new AppendResult(error, -1));
        AppendResult result = log.Append(batches.Span, isTrusted: false);
        return new(result, IsWrite: result.Error == ErrorCode.None);
    }

    internal Outcome<ErrorCode> AddPartitions(string transactionalId, long producerId, short epoch, IReadOnlyList<TopicPartition> partitions)
    {
        ErrorCode error = Find(transactionalId, producerId, epoch, out TransactionState transaction);
        if (error != ErrorCode.None) return new(error);
        if (transaction.IsEnding) return new(ErrorCode.ConcurrentTransactions);
        foreach (TopicPartition partition in partitions)
        {
            if (FindLog(partition) is null) return new(ErrorCode.UnknownTopicOrPartition);
        }

        Begin(transaction);
        TopicPartition[] added = [.. partitions.Where(partition => !transaction.Partitions.Contains(partition))];
        if (added.Length > 0) journal.Append(new TransactionGrown(producerId, epoch, added, "", []));
        transaction.Grow(added, "", []);
        return new(ErrorCode.None, IsWrite: true);
    }

    internal Outcome<ErrorCode> AddOffsets(string transactionalId, long producerId, short epoch, string group, IReadOnlyList<GroupOffset> offsets)
    {
        ErrorCode error = Find(transactionalId, producerId, epoch, out TransactionState transaction);
        if (error == ErrorCode.None) error = CheckOffsets(group, offsets);
        if (error != ErrorCode.None) return new(error);
        if (transaction.IsEnding) return new(ErrorCode.ConcurrentTransactions);
        if (transaction.Group.Length > 0 && transaction.Group != group) return new(ErrorCode.InvalidTxnState);
        Begin(transaction);
        journal.Append(new TransactionGrown(producerId, epoch, [], group, offsets));
        transaction.Grow([], group, offsets);
        return new(ErrorCode.None, IsWrite: true);
    }

    internal Outcome<ErrorCode> EndTransaction(string transactionalId, long producerId, short epoch, bool commit)
    {
        ErrorCode error = Find(transactionalId, producerId, epoch, out TransactionState transaction);
        if (error != ErrorCode.None) return new(error);
        if (transaction.IsEnding) return new(commit ? ErrorCode.ConcurrentTransactions : ErrorCode.InvalidTxnState);
        // A repeated request gets the answer of the first; an empty transaction may end either way.
        if (!transaction.IsOngoing)
            return transaction.LastCommitted is null || transaction.LastCommitted == commit ? new(ErrorCode.None, IsWrite: true) : new(ErrorCode.InvalidTxnState);
        if (commit) return Prepare(transaction);
        WriteAbortMarkers(transaction, epoch);
        transaction.LastCommitted = false;
        journal.Append(new TransactionAborted(producerId, epoch));
        return new(ErrorCode.None, IsWrite: true);
    }

    /// <summary>A whole transaction in one request.</summary>
    internal Outcome<ErrorCode> Commit(TransactionCommit request)
    {
        ErrorCode error = Find(request.TransactionalId, request.ProducerId, request.ProducerEpoch, out TransactionState transaction);
        if (error == ErrorCode.None && request.Offsets.Count > 0) error = CheckOffsets(request.Group, request.Offsets);
        if (error != ErrorCode.None) return new(error);
        if (transaction.IsEnding) return new(ErrorCode.ConcurrentTransactions);
        if (transaction.IsOngoing) return new(ErrorCode.InvalidTxnState);
        foreach (PartitionAppend append in request.Appends)
        {
            if (FindLog(append.Partition) is null) return new(ErrorCode.UnknownTopicOrPartition);
            if (!IsOf(request, append.Batches.Span)) return new(ErrorCode.InvalidRecord);
        }

        Begin(transaction);
        foreach (PartitionAppend append in request.Appends)
        {
            transaction.Partitions.Add(append.Partition);
            AppendResult result = FindLog(append.Partition)!.Append(append.Batches.Span, isTrusted: true);
            if (result.Error == ErrorCode.None) continue;
            WriteAbortMarkers(transaction, transaction.Epoch);
            return new(result.Error, IsWrite: true);
        }

        transaction.Grow([], request.Group, request.Offsets);
        return transaction.IsOngoing ? Prepare(transaction) : new(ErrorCode.None);
    }

    private static bool IsOf(TransactionCommit request, ReadOnlySpan<byte> batches) =>
        RecordBatchHeader.TryRead(batches, out RecordBatchHeader header) && header.IsTransactional
        && header.ProducerId == request.ProducerId && header.ProducerEpoch == request.ProducerEpoch;

    private ErrorCode MayAppend(TopicPartition partition, in RecordBatchHeader header)
    {
        if (!producers.TryGetValue(header.ProducerId, out TransactionState? transaction))
            return header.IsTransactional ? ErrorCode.InvalidProducerIdMapping : ErrorCode.None;
        if (header.ProducerId != transaction.ProducerId || header.ProducerEpoch != transaction.Epoch) return ErrorCode.InvalidProducerEpoch;
        // Only into partitions of the transaction, or its end would not reach the batch (KIP-890).
        return header.IsTransactional && !transaction.IsEnding && transaction.Partitions.Contains(partition) ? ErrorCode.None : ErrorCode.InvalidTxnState;
    }

    private Outcome<ErrorCode> Prepare(TransactionState transaction)
    {
        transaction.IsEnding = true;
        transaction.LastCommitted = true;
        var ends = new List<PartitionEnd>();
        foreach (TopicPartition partition in transaction.Partitions)
        {
            PartitionLog log = FindLog(partition)!;
            if (log.OpenTransactionOf(transaction.ProducerId) >= 0) ends.Add(new PartitionEnd(partition, log.EndOffset));
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
            log.AppendMarker(entry.ProducerId, entry.Epoch, isCommit: true, isDecided: true, NowMs);
            markers.Add(new PartitionEnd(end.Partition, log.EndOffset));
        }

        // Visible only now that all markers are written: a failed write stops the engine with none of it seen.
        foreach (PartitionEnd end in entry.Ends)
        {
            PartitionLog log = FindLog(end.Partition)!;
            log.Advance(log.HighWatermark);
        }

        unfinished.Add((entry, markers));
        Apply(entry.Group, entry.Offsets);
        transaction.Reset();
    }

    private void WriteAbortMarkers(TransactionState transaction, short epoch)
    {
        foreach (TopicPartition partition in transaction.Partitions)
        {
            PartitionLog log = FindLog(partition)!;
            if (log.OpenTransactionOf(transaction.ProducerId) >= 0) log.AppendMarker(transaction.ProducerId, epoch, isCommit: false, isDecided: false, NowMs);
        }

        transaction.Reset();
    }

    private void Begin(TransactionState transaction)
    {
        if (!transaction.IsOngoing) transaction.BeganAt = options.Clock.GetTimestamp();
    }
}
