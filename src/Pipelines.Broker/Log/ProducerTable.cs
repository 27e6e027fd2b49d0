using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Log;

/// <summary>The producers that a partition remembers, and their transactions in it.</summary>
/// <remarks>
/// Kafka forgets a producer a day after its last record's time. Record times may be years old here, so the bound is a number: when there are
/// too many, the half that wrote longest ago is forgotten, unless a transaction is open. A forgotten producer may go on with any sequence.
/// </remarks>
internal sealed class ProducerTable
{
    private const int MaxProducers = 10_000;
    private readonly Dictionary<long, ProducerState> producers = [];

    internal TransactionIndex Transactions { get; } = new();

    internal IReadOnlyCollection<ProducerState> All => producers.Values;

    internal ProducerState? Find(long producerId) => producers.GetValueOrDefault(producerId);

    /// <summary>Whether batches of one producer may follow, and where they were appended before if they are a repetition.</summary>
    internal ErrorCode Check(in RecordBatchHeader first)
    {
        if (!first.IsTransactional && Transactions.FirstOffsetOf(first.ProducerId) >= 0) return ErrorCode.InvalidTxnState;
        return Find(first.ProducerId)?.Check(in first) ?? ErrorCode.None;
    }

    /// <summary>Takes a batch into account that was appended.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="batch">The whole of it when it holds a marker; else it is not looked at.</param>
    /// <param name="isDecided">For a marker: true when the end would survive its loss.</param>
    internal void Take(in RecordBatchHeader header, ReadOnlySpan<byte> batch, bool isDecided)
    {
        if (header.ProducerId < 0) return;
        if (!producers.TryGetValue(header.ProducerId, out ProducerState? producer))
        {
            if (producers.Count >= MaxProducers) ForgetHalf();
            producers.Add(header.ProducerId, producer = new ProducerState(header.ProducerId));
        }

        if (header.IsControl)
        {
            Transactions.End(header.ProducerId, header.BaseOffset, ControlBatch.IsCommit(batch), isDecided);
            producer.End(header.ProducerEpoch, header.BaseOffset, header.MaxTimestamp);
            return;
        }

        producer.Append(in header);
        if (header.IsTransactional) Transactions.Begin(header.ProducerId, header.BaseOffset);
    }

    /// <summary>Makes these the producers that are known.</summary>
    internal void Restore(IEnumerable<ProducerState> known)
    {
        producers.Clear();
        foreach (ProducerState producer in known) producers.Add(producer.ProducerId, producer);
    }

    private void ForgetHalf()
    {
        long[] offsets = [.. producers.Values.Select(static producer => producer.LastOffset).Order()];
        long middle = offsets[offsets.Length / 2];
        foreach (ProducerState producer in producers.Values)
        {
            // Removing while enumerating is allowed for a dictionary.
            if (producer.LastOffset < middle && Transactions.FirstOffsetOf(producer.ProducerId) < 0) producers.Remove(producer.ProducerId);
        }
    }
}
