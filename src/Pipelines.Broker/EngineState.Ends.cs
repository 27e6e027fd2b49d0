using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Transactions;

namespace Pipelines.Broker;

/// <content>How transactions end.</content>
internal sealed partial class EngineState
{
    /// <summary>Commits or aborts.</summary>
    /// <param name="transactionalId">The transactional id.</param>
    /// <param name="producerId">The producer.</param>
    /// <param name="epoch">Its epoch; with <paramref name="bumps"/> also the one before, when the question is a repetition.</param>
    /// <param name="commit">True to commit.</param>
    /// <param name="bumps">True for version 2: every end, also of nothing, brings the next epoch, so an epoch names one transaction (KIP-890).</param>
    /// <param name="connection">Over which connection the request came.</param>
    /// <returns>What the producer has from here on.</returns>
    internal Outcome<ProducerIdentity> EndTransaction(string transactionalId, long producerId, short epoch, bool commit, bool bumps, long connection)
    {
        if (bumps && transactions.TryGetValue(transactionalId, out TransactionState? known) && known.FormerCommitted is { } committed && known.Former == (producerId, epoch))
            return EndAgain(known, commit == committed, connection);
        ErrorCode error = Find(transactionalId, producerId, epoch, connection, out TransactionState transaction);
        if (error != ErrorCode.None) return Refuse(error);
        if (transaction.IsEnding) return Refuse(commit ? ErrorCode.ConcurrentTransactions : ErrorCode.InvalidTxnState);
        if (commit && transaction.IsOngoing)
        {
            TransactionPrepared entry = Prepare(transaction, bumps);
            return new(Identity(transaction), IsWrite: true, () => Finish(transaction, entry));
        }

        if (bumps)
        {
            (long ProducerId, short Epoch) former = (producerId, epoch);
            if (transaction.IsOngoing) WriteAbortMarkers(transaction, (short)(epoch + 1));
            Advance(transaction, former, commit);
            journal.Append(Opened(transaction));
            return new(Identity(transaction), IsWrite: true);
        }

        if (transaction.IsOngoing)
        {
            WriteAbortMarkers(transaction, epoch);
            transaction.LastCommitted = false;
            journal.Append(new TransactionAborted(producerId, epoch));
        }

        // A repeated request gets the answer of the first; an empty transaction may end either way.
        return transaction.LastCommitted is null || transaction.LastCommitted == commit ? new(Identity(transaction), IsWrite: true) : Refuse(ErrorCode.InvalidTxnState);
    }

    /// <summary>The end that brought the present epoch is asked for again: the first answer was lost, or this request was late.</summary>
    private Outcome<ProducerIdentity> EndAgain(TransactionState transaction, bool isSame, long connection)
    {
        if (options.Guards(Protections.LeftConnections) && !transaction.Hears(connection)) return Refuse(ErrorCode.NotCoordinator);
        if (transaction.IsEnding) return Refuse(isSame ? ErrorCode.ConcurrentTransactions : ErrorCode.InvalidTxnState);
        // Who has begun the next one has had the answer.
        if (transaction.IsOngoing) return Refuse(ErrorCode.ProducerFenced);
        return isSame ? new(Identity(transaction), IsWrite: true) : Refuse(ErrorCode.InvalidTxnState);
    }

    /// <summary>Writes the decision to commit; it is one when it is durable together with the records.</summary>
    private TransactionPrepared Prepare(TransactionState transaction, bool bumps)
    {
        var ends = new List<PartitionEnd>();
        foreach (TopicPartition partition in transaction.Partitions)
        {
            if (FindLog(partition) is { } log && log.OpenTransactionOf(transaction.ProducerId) >= 0) ends.Add(new PartitionEnd(partition, log.EndOffset));
        }

        var entry = new TransactionPrepared(nextTransaction++, transaction.ProducerId, transaction.Epoch, transaction.AllOffsets(), ends);
        transaction.IsEnding = true;
        if (bumps)
        {
            Advance(transaction, (entry.ProducerId, entry.Epoch), formerCommitted: true);
            entry = entry with { NextId = transaction.ProducerId, NextEpoch = transaction.Epoch };
        }
        else
        {
            transaction.LastCommitted = true;
        }

        journal.Append(entry);
        return entry;
    }

    /// <summary>The decision is durable: markers, offsets, and the transaction is over.</summary>
    private void Finish(TransactionState transaction, TransactionPrepared entry)
    {
        var markers = new List<(PartitionLog Log, long EndOffset)>();
        var ends = new List<PartitionEnd>();
        foreach (PartitionEnd end in entry.Ends)
        {
            // Its topic may have been deleted meanwhile, and made anew.
            if (FindLog(end.Partition) is not { } log || log.OpenTransactionOf(entry.ProducerId) < 0) continue;
            log.AppendMarker(entry.ProducerId, entry.MarkerEpoch, isCommit: true, isDecided: true, NowMs);
            markers.Add((log, log.EndOffset));
            ends.Add(end);
        }

        // Visible only now that all markers are written: a failed write stops the engine with none of it seen.
        foreach ((PartitionLog log, _) in markers) log.Advance(log.HighWatermark);
        unfinished.Add((entry with { Ends = ends }, markers));
        Apply(entry.Groups);
        transaction.Reset();
    }

    private void WriteAbortMarkers(TransactionState transaction, short epoch)
    {
        foreach (TopicPartition partition in transaction.Partitions)
        {
            if (FindLog(partition) is { } log && log.OpenTransactionOf(transaction.ProducerId) >= 0) log.AppendMarker(transaction.ProducerId, epoch, isCommit: false, isDecided: false, NowMs);
        }

        transaction.Reset();
    }
}
