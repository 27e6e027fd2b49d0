using Pipelines.Broker;
using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Transactions;
using Pipelines.Execution;
using Pipelines.Protocol.Records;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Hosting.Embedded;

/// <summary>Commits a transaction in one call to the engine.</summary>
internal sealed class EngineProducer(LogEngine engine, string transactionalId, long producerId, short epoch) : ITransactionalProducer
{
    private readonly Dictionary<TopicPartition, int> sequences = [];
    private readonly List<PartitionAppend> appends = [];
    private readonly List<GroupOffset> offsets = [];
    private bool isDead;

    /// <inheritdoc/>
    public async ValueTask CommitAsync(BrokerTransaction transaction)
    {
        if (isDead) throw new BrokerException("The producer has failed before; open a new one.", isFatal: false);
        appends.Clear();
        offsets.Clear();
        foreach (PartitionWrite write in transaction.Writes) Complete(write);
        foreach (OffsetCommit offset in transaction.Offsets) offsets.Add(new GroupOffset(new TopicPartition(offset.Topic, offset.Partition), offset.Offset));
        // Until it is known to be committed it may be anything.
        isDead = true;
        ErrorCode error = await EngineBroker.Guard(() => engine.CommitTransactionAsync(new TransactionCommit
        {
            TransactionalId = transactionalId,
            ProducerId = producerId,
            ProducerEpoch = epoch,
            Appends = appends,
            Group = transaction.Group,
            Offsets = offsets,
        }));
        isDead = error != ErrorCode.None;
        if (!isDead) return;
        throw new BrokerException($"The transaction of '{transactionalId}' was refused: {error}.", isFatal: false)
        {
            IsFenced = error is ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch,
        };
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Writes the headers of a partition's batches where they lie.</summary>
    private void Complete(PartitionWrite write)
    {
        var id = new TopicPartition(write.Topic, write.Partition);
        int sequence = sequences.GetValueOrDefault(id);
        foreach (PendingBatch batch in write.Records.Batches)
        {
            BatchSeal.Complete(batch.Bytes.Span, batch.Count, batch.BaseTimestamp, batch.MaxTimestamp, new BatchProducer(producerId, epoch, sequence, IsTransactional: true));
            appends.Add(new PartitionAppend(id, batch.Bytes));
            // Sequences wrap from 2^31-1 to 0.
            sequence = (int)((sequence + (long)batch.Count) & int.MaxValue);
        }

        sequences[id] = sequence;
    }
}
