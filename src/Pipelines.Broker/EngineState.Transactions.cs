using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Transactions;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker;

/// <content>Appends, and what becomes part of transactions.</content>
/// <remarks>
/// A commit is durable in one round of flushes: the journal's entry names the end offset that each partition must have, and is flushed together
/// with the partitions. After a crash the entry counts only if all of that is there. The markers are written when the round has ended; lost
/// ones are written again by recovery, and nothing that follows them was served without them. A transaction that is open outlives the engine: what was
/// added to it is in the journal before it is acknowledged.
/// </remarks>
internal sealed partial class EngineState
{
    /// <param name="partition">The partition.</param>
    /// <param name="batches">The batches.</param>
    /// <param name="transactionalId">The transactional id that the producer says it has, or null when it says none.</param>
    /// <param name="protocol">What the producer understands.</param>
    internal Outcome<AppendResult> Append(TopicPartition partition, Memory<byte> batches, string? transactionalId, TransactionProtocol protocol)
    {
        if (FindLog(partition) is not { } log) return new(new AppendResult(ErrorCode.UnknownTopicOrPartition, -1));
        if (!RecordBatchHeader.TryRead(batches.Span, out RecordBatchHeader header)) return new(new AppendResult(ErrorCode.CorruptMessage, -1));
        ErrorCode error = MayAppend(partition, in header, transactionalId, protocol);
        if (error != ErrorCode.None) return new(new AppendResult(error, -1));
        AppendResult result = log.Append(batches.Span, isTrusted: false, NowMs);
        if (result.Error == ErrorCode.None && header.IsTransactional) Join(producers[header.ProducerId], partition, log);
        return new(result, IsWrite: result.Error == ErrorCode.None);
    }

    internal Outcome<ErrorCode> AddPartitions(string transactionalId, long producerId, short epoch, IReadOnlyList<TopicPartition> partitions, long connection)
    {
        ErrorCode error = Find(transactionalId, producerId, epoch, connection, out TransactionState transaction);
        if (error != ErrorCode.None) return new(error);
        if (transaction.IsEnding) return new(ErrorCode.ConcurrentTransactions);
        foreach (TopicPartition partition in partitions)
        {
            if (FindLog(partition) is null) return new(ErrorCode.UnknownTopicOrPartition);
        }

        TopicPartition[] added = [.. partitions.Where(partition => !transaction.Partitions.Contains(partition))];
        if (added.Length > 0) Grow(transaction, added, "", []);
        return new(ErrorCode.None, IsWrite: true);
    }

    internal Outcome<ErrorCode> AddGroup(string transactionalId, long producerId, short epoch, string group, long connection)
    {
        ErrorCode error = Find(transactionalId, producerId, epoch, connection, out TransactionState transaction);
        if (error != ErrorCode.None) return new(error);
        if (group.Length == 0) return new(ErrorCode.InvalidGroupId);
        if (transaction.IsEnding) return new(ErrorCode.ConcurrentTransactions);
        if (!transaction.Groups.ContainsKey(group)) Grow(transaction, [], group, []);
        return new(ErrorCode.None, IsWrite: true);
    }

    internal Outcome<ErrorCode> AddOffsets(
        string transactionalId, long producerId, short epoch, string group, IReadOnlyList<GroupOffset> offsets, TransactionProtocol protocol, long connection)
    {
        ErrorCode error = Find(transactionalId, producerId, epoch, out TransactionState transaction);
        if (error == ErrorCode.None && options.Guards(Protections.LeftConnections) && !transaction.HearsOffsets(connection)) error = ErrorCode.NotCoordinator;
        if (error == ErrorCode.None) error = CheckOffsets(group, offsets);
        if (error != ErrorCode.None) return new(error);
        if (transaction.IsEnding) return new(ErrorCode.ConcurrentTransactions);
        if (protocol != TransactionProtocol.Implicit && !transaction.Groups.ContainsKey(group)) return new(NotPartOfTransaction(protocol));
        Grow(transaction, [], group, offsets);
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

        transaction.Begin(options.Clock);
        foreach (PartitionAppend append in request.Appends)
        {
            transaction.Partitions.Add(append.Partition);
            AppendResult result = FindLog(append.Partition)!.Append(append.Batches.Span, isTrusted: true, NowMs);
            if (result.Error == ErrorCode.None) continue;
            WriteAbortMarkers(transaction, transaction.Epoch);
            return new(result.Error, IsWrite: true);
        }

        if (request.Offsets.Count > 0) transaction.Grow([], request.Group, request.Offsets);
        if (!transaction.IsOngoing) return new(ErrorCode.None);
        TransactionPrepared entry = Prepare(transaction, bumps: false);
        return new(ErrorCode.None, IsWrite: true, () => Finish(transaction, entry));
    }

    private static bool IsOf(TransactionCommit request, ReadOnlySpan<byte> batches) =>
        RecordBatchHeader.TryRead(batches, out RecordBatchHeader header) && header.IsTransactional
        && header.ProducerId == request.ProducerId && header.ProducerEpoch == request.ProducerEpoch;

    private static ErrorCode NotPartOfTransaction(TransactionProtocol protocol) =>
        protocol == TransactionProtocol.Classic ? ErrorCode.InvalidTxnState : ErrorCode.TransactionAbortable;

    private ErrorCode MayAppend(TopicPartition partition, in RecordBatchHeader header, string? transactionalId, TransactionProtocol protocol)
    {
        if (!producers.TryGetValue(header.ProducerId, out TransactionState? transaction))
            return header.IsTransactional ? ErrorCode.InvalidProducerIdMapping : ErrorCode.None;
        if (transactionalId is not null && transactionalId != transaction.TransactionalId) return ErrorCode.InvalidProducerIdMapping;
        if (header.ProducerId != transaction.ProducerId || header.ProducerEpoch != transaction.Epoch) return ErrorCode.InvalidProducerEpoch;
        if (!header.IsTransactional) return ErrorCode.InvalidTxnState;
        if (transaction.IsEnding) return protocol == TransactionProtocol.Implicit ? ErrorCode.ConcurrentTransactions : NotPartOfTransaction(protocol);
        // Only into partitions of the transaction, or its end would not reach the batch (KIP-890).
        return protocol == TransactionProtocol.Implicit || transaction.Partitions.Contains(partition) ? ErrorCode.None : NotPartOfTransaction(protocol);
    }

    /// <summary>A batch was appended: its partition is part of the transaction. Of a repeated batch the transaction may be over.</summary>
    private void Join(TransactionState transaction, TopicPartition partition, PartitionLog log)
    {
        if (!transaction.Partitions.Contains(partition) && log.OpenTransactionOf(transaction.ProducerId) >= 0) Grow(transaction, [partition], "", []);
    }

    private void Grow(TransactionState transaction, IReadOnlyList<TopicPartition> partitions, string group, IReadOnlyList<GroupOffset> offsets)
    {
        transaction.Begin(options.Clock);
        journal.Append(new TransactionGrown(transaction.ProducerId, transaction.Epoch, partitions, group, offsets));
        transaction.Grow(partitions, group, offsets);
    }
}
