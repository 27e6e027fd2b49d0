using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Transactions;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Tests.Support;

/// <summary>A transactional producer that keeps its sequences, as a client does.</summary>
internal sealed class Producer(LogEngine engine, string transactionalId, long id, short epoch)
{
    private readonly Dictionary<TopicPartition, int> sequences = [];

    internal long Id => id;

    internal short Epoch => epoch;

    internal static async Task<Producer> OpenAsync(LogEngine engine, string transactionalId, TimeSpan? timeout = null)
    {
        ProducerIdentity identity = await engine.OpenProducerAsync(transactionalId, timeout);
        Assert.Equal(ErrorCode.None, identity.Error);
        return new Producer(engine, transactionalId, identity.ProducerId, identity.Epoch);
    }

    /// <summary>The producer with the same identity, talking to an engine that was opened since.</summary>
    internal Producer On(LogEngine other)
    {
        var same = new Producer(other, transactionalId, id, epoch);
        foreach ((TopicPartition partition, int sequence) in sequences) same.sequences[partition] = sequence;
        return same;
    }

    internal byte[] Batch(TopicPartition partition, params string[] values)
    {
        int sequence = sequences.GetValueOrDefault(partition);
        sequences[partition] = sequence + values.Length;
        return Batches.Of(new BatchProducer(id, epoch, sequence, IsTransactional: true), values);
    }

    internal Task<ErrorCode> AddAsync(params TopicPartition[] partitions) => engine.AddPartitionsAsync(transactionalId, id, epoch, partitions);

    internal Task<AppendResult> AppendAsync(TopicPartition partition, params string[] values) => engine.AppendAsync(partition, Batch(partition, values));

    internal Task<ErrorCode> AddOffsetsAsync(string group, params GroupOffset[] offsets) => engine.AddOffsetsAsync(transactionalId, id, epoch, group, offsets);

    internal Task<ErrorCode> EndAsync(bool commit) => engine.EndTransactionAsync(transactionalId, id, epoch, commit);

    internal Task<ErrorCode> CommitAsync(IReadOnlyList<PartitionAppend> appends, string group = "", IReadOnlyList<GroupOffset>? offsets = null) =>
        engine.CommitTransactionAsync(new TransactionCommit
        {
            TransactionalId = transactionalId,
            ProducerId = id,
            ProducerEpoch = epoch,
            Appends = appends,
            Group = group,
            Offsets = offsets ?? [],
        });

    internal Task<ErrorCode> CommitAsync(TopicPartition partition, params string[] values) => CommitAsync([new PartitionAppend(partition, Batch(partition, values))]);
}
