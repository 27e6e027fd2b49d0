using Pipelines.Broker.Journal;
using Pipelines.Broker.Transactions;

namespace Pipelines.Broker;

/// <content>Who may write: producer ids, transactional ids and their epochs.</content>
internal sealed partial class EngineState
{
    // The last epoch is never given out: it marks the end of a producer whose epochs are used up.
    private const short LastEpoch = short.MaxValue - 1;

    /// <param name="transactionalId">The transactional id, or null for a producer that is idempotent only.</param>
    /// <param name="timeout">How long its transactions may be open.</param>
    /// <param name="current">What the producer has already, when it asks for its own next epoch after an error (KIP-360).</param>
    /// <param name="connection">Over which connection the request came.</param>
    internal Outcome<ProducerIdentity> OpenProducer(string? transactionalId, TimeSpan timeout, (long ProducerId, short Epoch)? current, long connection)
    {
        if (string.IsNullOrEmpty(transactionalId))
        {
            long id = nextProducerId++;
            journal.Append(new ProducerOpened("", id, 0, 0, -1, -1, null));
            return new(new ProducerIdentity(ErrorCode.None, id, 0), IsWrite: true);
        }

        if (timeout <= TimeSpan.Zero || timeout > options.MaxTransactionTimeout) return Refuse(ErrorCode.InvalidTransactionTimeout);
        bool isKnown = transactions.TryGetValue(transactionalId, out TransactionState? transaction);
        // Of a transactional id that nobody knows there is no owner to protect: whatever the producer believes to have, it begins anew.
        if (!isKnown) current = null;
        if (current is { } mine)
        {
            // The same question again: its first answer was lost.
            if (mine == transaction!.Former) return new(Identity(transaction), IsWrite: true);
            if (mine != (transaction.ProducerId, transaction.Epoch)) return Refuse(ErrorCode.ProducerFenced);
        }

        if (!isKnown)
        {
            transaction = new TransactionState(transactionalId, nextProducerId++);
            transactions.Add(transactionalId, transaction);
            producers.Add(transaction.ProducerId, transaction);
        }

        // Whoever had the id is fenced from here on, and what it left open is aborted under the new epoch.
        if (!isKnown || options.Guards(Protections.Fencing)) Fence(transaction!, current);
        transaction!.OpenedOver(connection);
        transaction.Timeout = timeout;
        journal.Append(Opened(transaction));
        return new(Identity(transaction), IsWrite: true);
    }

    /// <summary>Aborts transactions that have been open for longer than their producers allowed.</summary>
    internal Outcome<int> AbortOverdue()
    {
        int count = 0;
        if (!options.Guards(Protections.Timeouts)) return new(count);
        foreach (TransactionState transaction in transactions.Values)
        {
            if (!transaction.IsOngoing || transaction.IsEnding || options.Clock.GetElapsedTime(transaction.BeganAt) < transaction.Timeout) continue;
            // The producer learns of it from its next request. One that would commit is refused; one that aborts, or opens itself anew, may go on.
            (long, short) former = (transaction.ProducerId, transaction.Epoch);
            WriteAbortMarkers(transaction, (short)(transaction.Epoch + 1));
            Advance(transaction, former, formerCommitted: false);
            journal.Append(Opened(transaction));
            count++;
        }

        return new(count, IsWrite: count > 0);
    }

    private static ProducerOpened Opened(TransactionState transaction) =>
        new(transaction.TransactionalId, transaction.ProducerId, transaction.Epoch, (long)transaction.Timeout.TotalMilliseconds,
        transaction.Former?.ProducerId ?? -1, transaction.Former?.Epoch ?? -1, transaction.LastCommitted, transaction.FormerCommitted);

    private static ProducerIdentity Identity(TransactionState transaction) => new(ErrorCode.None, transaction.ProducerId, transaction.Epoch);

    private static Outcome<ProducerIdentity> Refuse(ErrorCode error) => new(new ProducerIdentity(error, -1, -1));

    /// <summary>Gives the transactional id its next epoch; what is open is aborted, what is just committing goes on to its end.</summary>
    /// <remarks>The markers bear the next epoch: found after a crash that took the journal's entry away, they still tell that the old one is over.</remarks>
    private void Fence(TransactionState transaction, (long ProducerId, short Epoch)? former = null)
    {
        if (transaction.IsOngoing && !transaction.IsEnding) WriteAbortMarkers(transaction, (short)(transaction.Epoch + 1));
        Advance(transaction, former, formerCommitted: null);
    }

    /// <summary>The next epoch, or when they are used up a new producer id, which begins anew. The old one stays known, and fenced.</summary>
    private void Advance(TransactionState transaction, (long ProducerId, short Epoch)? former, bool? formerCommitted)
    {
        bool isUsedUp = transaction.Epoch >= LastEpoch;
        transaction.Identify(isUsedUp ? nextProducerId++ : transaction.ProducerId, isUsedUp ? (short)0 : (short)(transaction.Epoch + 1), former, formerCommitted);
        if (isUsedUp) producers[transaction.ProducerId] = transaction;
    }

    private ErrorCode Find(string transactionalId, long producerId, short epoch, long connection, out TransactionState transaction)
    {
        ErrorCode error = Find(transactionalId, producerId, epoch, out transaction);
        // Looked at last: what somebody else says over a newer connection must not silence the owner.
        return error == ErrorCode.None && options.Guards(Protections.LeftConnections) && !transaction.Hears(connection) ? ErrorCode.NotCoordinator : error;
    }

    private ErrorCode Find(string transactionalId, long producerId, short epoch, out TransactionState transaction)
    {
        if (!transactions.TryGetValue(transactionalId, out transaction!)) return ErrorCode.InvalidProducerIdMapping;
        if (transaction.ProducerId == producerId) return transaction.Epoch == epoch ? ErrorCode.None : ErrorCode.ProducerFenced;
        return producers.GetValueOrDefault(producerId) == transaction ? ErrorCode.ProducerFenced : ErrorCode.InvalidProducerIdMapping;
    }
}
