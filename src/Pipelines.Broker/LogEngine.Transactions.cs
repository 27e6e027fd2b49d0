using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Transactions;

namespace Pipelines.Broker;

/// <content>Producers and transactions.</content>
public sealed partial class LogEngine
{
    /// <summary>Opens a producer: a new id, or for a transactional id the next epoch, which fences whoever had it.</summary>
    /// <remarks>Source: InitProducerId of KIP-98 and KIP-360.</remarks>
    /// <param name="transactionalId">The transactional id, or null for a producer that is idempotent only.</param>
    /// <param name="timeout">How long a transaction may be open before it is aborted; a minute when null.</param>
    /// <param name="current">What the producer has already, when it asks for its own next epoch after an error; refused when somebody else has taken over.</param>
    public Task<ProducerIdentity> OpenProducerAsync(string? transactionalId = null, TimeSpan? timeout = null, (long ProducerId, short Epoch)? current = null) =>
        Ask(state => state.OpenProducer(transactionalId, timeout ?? TimeSpan.FromMinutes(1), current));

    /// <summary>Adds partitions to the producer's transaction, and begins one when none is open.</summary>
    public Task<ErrorCode> AddPartitionsAsync(string transactionalId, long producerId, short epoch, IReadOnlyList<TopicPartition> partitions) =>
        Ask(state => state.AddPartitions(transactionalId, producerId, epoch, partitions));

    /// <summary>Makes offsets of a group part of the producer's transaction.</summary>
    public Task<ErrorCode> AddOffsetsAsync(string transactionalId, long producerId, short epoch, string group, IReadOnlyList<GroupOffset> offsets) =>
        Ask(state => state.AddOffsets(transactionalId, producerId, epoch, group, offsets));

    /// <summary>Commits or aborts the producer's transaction; asked again, it answers the same.</summary>
    public Task<ErrorCode> EndTransactionAsync(string transactionalId, long producerId, short epoch, bool commit) =>
        Ask(state => state.EndTransaction(transactionalId, producerId, epoch, commit));

    /// <summary>Commits a whole transaction in one request and one round of flushes.</summary>
    public Task<ErrorCode> CommitTransactionAsync(TransactionCommit request) => Ask(state => state.Commit(request));
}
