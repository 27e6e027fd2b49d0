using Pipelines.Broker;
using Pipelines.Broker.Log;
using Pipelines.Broker.Transactions;
using Pipelines.Execution;
using Pipelines.Hosting.Embedded;
using Pipelines.Protocol.Records;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Simulation.World;

/// <summary>Commits a transaction in steps, records first and the decision a while later: who reads before the decision sees what may be aborted.</summary>
internal sealed class SteppedProducer(LogEngine engine, string transactionalId, ProducerIdentity identity, TimeProvider clock) : ITransactionalProducer
{
    private readonly Dictionary<TopicPartition, int> sequences = [];

    internal static async Task<SteppedProducer> OpenAsync(EngineBroker broker, string transactionalId, TimeProvider clock) =>
        new(broker.Engine, transactionalId, await broker.Engine.OpenProducerAsync(transactionalId), clock);

    public async ValueTask CommitAsync(BrokerTransaction transaction)
    {
        foreach (PartitionWrite write in transaction.Writes)
        {
            var id = new TopicPartition(write.Topic, write.Partition);
            Expect(await engine.AddPartitionsAsync(transactionalId, identity.ProducerId, identity.Epoch, [id]));
            foreach (Memory<byte> batch in Complete(id, write.Records)) Expect((await engine.AppendAsync(id, batch)).Error);
        }

        await Task.Delay(TimeSpan.FromMilliseconds(20), clock);
        Expect(await engine.EndTransactionAsync(transactionalId, identity.ProducerId, identity.Epoch, commit: true));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private List<Memory<byte>> Complete(TopicPartition id, RecordBuffer records)
    {
        int sequence = sequences.GetValueOrDefault(id);
        var batches = new List<Memory<byte>>();
        foreach (PendingBatch batch in records.Batches)
        {
            var producer = new BatchProducer(identity.ProducerId, identity.Epoch, sequence, IsTransactional: true);
            BatchSeal.Complete(batch.Bytes.Span, batch.Count, batch.BaseTimestamp, batch.MaxTimestamp, producer);
            sequence += batch.Count;
            batches.Add(batch.Bytes);
        }

        sequences[id] = sequence;
        return batches;
    }

    private static void Expect(ErrorCode error)
    {
        if (error != ErrorCode.None) throw new BrokerException($"A step of the transaction was refused: {error}.", isFatal: false);
    }
}
