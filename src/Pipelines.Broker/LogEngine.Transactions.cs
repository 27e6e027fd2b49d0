using System.Text.RegularExpressions;
using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Transactions;

namespace Pipelines.Broker;

/// <content>Producers and transactions.</content>
/// <remarks>
/// A connection is a number that grows with each connection that a server accepts; 0 is this process. A request of a producer over a connection that
/// it has left for a newer one is refused with <see cref="ErrorCode.NotCoordinator"/>: it was sent before, and the transaction that it means may be over.
/// </remarks>
public sealed partial class LogEngine
{
    /// <summary>Opens a producer: a new id, or for a transactional id the next epoch, which fences whoever had it and aborts what that left open.</summary>
    /// <remarks>Source: InitProducerId of KIP-98 and KIP-360.</remarks>
    /// <param name="transactionalId">The transactional id, or null for a producer that is idempotent only.</param>
    /// <param name="timeout">How long a transaction may be open before it is aborted; a minute when null.</param>
    /// <param name="current">What the producer has already, when it asks for its own next epoch after an error; refused when somebody else has taken over.</param>
    /// <param name="connection">Over which connection it is asked. Any may open the id: another producer's may be older than the present owner's.</param>
    public Task<ProducerIdentity> OpenProducerAsync(
        string? transactionalId = null, TimeSpan? timeout = null, (long ProducerId, short Epoch)? current = null, long connection = 0) =>
        Ask(state => state.OpenProducer(transactionalId, timeout ?? TimeSpan.FromMinutes(1), current, connection));

    /// <summary>Adds partitions to the producer's transaction, and begins one when none is open.</summary>
    public Task<ErrorCode> AddPartitionsAsync(string transactionalId, long producerId, short epoch, IReadOnlyList<TopicPartition> partitions, long connection = 0) =>
        Ask(state => state.AddPartitions(transactionalId, producerId, epoch, partitions, connection));

    /// <summary>Makes a group part of the producer's transaction, and begins one when none is open; its offsets follow.</summary>
    /// <remarks>Source: AddOffsetsToTxn of KIP-98.</remarks>
    public Task<ErrorCode> AddGroupAsync(string transactionalId, long producerId, short epoch, string group, long connection = 0) =>
        Ask(state => state.AddGroup(transactionalId, producerId, epoch, group, connection));

    /// <summary>Makes offsets of a group part of the producer's transaction.</summary>
    /// <remarks>Source: TxnOffsetCommit of KIP-98. Whether the consumer still owns its partitions (KIP-447) is for the group's coordinator to say first.</remarks>
    /// <param name="transactionalId">The transactional id.</param>
    /// <param name="producerId">The producer.</param>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="group">The group.</param>
    /// <param name="offsets">The offsets.</param>
    /// <param name="protocol">Whether this adds the group, or it must have been added before.</param>
    /// <param name="connection">Over which connection it came; compared with those of other offsets only, since these go to the group's coordinator.</param>
    public Task<ErrorCode> AddOffsetsAsync(
        string transactionalId,
        long producerId,
        short epoch,
        string group,
        IReadOnlyList<GroupOffset> offsets,
        TransactionProtocol protocol = TransactionProtocol.Implicit,
        long connection = 0) =>
        Ask(state => state.AddOffsets(transactionalId, producerId, epoch, group, offsets, protocol, connection));

    /// <summary>Commits or aborts the producer's transaction; asked again, it answers the same.</summary>
    public async Task<ErrorCode> EndTransactionAsync(string transactionalId, long producerId, short epoch, bool commit, long connection = 0) =>
        (await EndTransactionAsync(transactionalId, producerId, epoch, commit, version2: false, connection)).Error;

    /// <summary>Commits or aborts the producer's transaction; asked again, it answers the same.</summary>
    /// <param name="transactionalId">The transactional id.</param>
    /// <param name="producerId">The producer.</param>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="commit">True to commit.</param>
    /// <param name="version2">True to go on with the next epoch, so that nothing late can touch the next transaction (KIP-890, EndTxn 5).</param>
    /// <param name="connection">Over which connection it is asked.</param>
    /// <returns>What the producer has from here on; -1 and -1 with an error.</returns>
    public Task<ProducerIdentity> EndTransactionAsync(string transactionalId, long producerId, short epoch, bool commit, bool version2, long connection = 0) =>
        Ask(state => state.EndTransaction(transactionalId, producerId, epoch, commit, version2, connection));

    /// <summary>Commits a whole transaction in one request and one round of flushes.</summary>
    public Task<ErrorCode> CommitTransactionAsync(TransactionCommit request) => Ask(state => state.Commit(request));

    /// <summary>The transactional ids, by name.</summary>
    /// <param name="filter">Which; all when null.</param>
    /// <returns>The list, or an error when the filter's pattern is not one.</returns>
    public async Task<(ErrorCode Error, IReadOnlyList<TransactionListing> Transactions)> ListTransactionsAsync(TransactionFilter? filter = null)
    {
        filter ??= new TransactionFilter();
        Regex? pattern = null;
        try
        {
            // Without backtracking: who asks may be anybody, and the engine's loop must not be held up.
            if (filter.IdPattern is { Length: > 0 } text) pattern = new Regex($@"\A(?:{text})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception refused) when (refused is ArgumentException or NotSupportedException)
        {
            return (ErrorCode.InvalidRegularExpression, []);
        }

        return (ErrorCode.None, await Ask(state => new Outcome<IReadOnlyList<TransactionListing>>(state.ListTransactions(filter, pattern))));
    }

    /// <summary>All about a transactional id, or null when there is no such id.</summary>
    public Task<TransactionDescription?> DescribeTransactionAsync(string transactionalId) =>
        Ask(state => new Outcome<TransactionDescription?>(state.DescribeTransaction(transactionalId)));

    /// <summary>The producers that a partition remembers, by id; null when there is no such partition.</summary>
    public Task<IReadOnlyList<ActiveProducer>?> DescribeProducersAsync(TopicPartition partition) =>
        Ask(state => new Outcome<IReadOnlyList<ActiveProducer>?>(state.DescribeProducers(partition)));

    /// <summary>Aborts an open transaction on an operator's behalf. Its producer is fenced, and learns it from its next request.</summary>
    public Task<ErrorCode> AbortTransactionAsync(string transactionalId) => Ask(state => state.AbortTransaction(transactionalId));

    /// <summary>Aborts the transaction that a producer has open in a partition; does nothing when there is none.</summary>
    /// <remarks>For WriteTxnMarkers as <c>kafka-transactions abort</c> sends it. Where Kafka ends one partition, here the whole transaction ends, so none is torn.</remarks>
    public Task<ErrorCode> AbortTransactionAsync(TopicPartition partition, long producerId, short epoch) =>
        Ask(state => state.AbortTransaction(partition, producerId, epoch));
}
