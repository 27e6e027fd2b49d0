using Pipelines.Broker.Log;
using Pipelines.Protocol.Records;
using Pipelines.Soak.Brokers.Clients;

namespace Pipelines.Soak.Brokers;

/// <summary>What a client knows of what it sent.</summary>
internal enum Outcome
{
    /// <summary>It was sent, and no answer tells what became of it.</summary>
    Unknown = 0,

    /// <summary>It was acknowledged: it has to be there.</summary>
    Committed = 1,

    /// <summary>It was aborted, refused, or nobody ever asked to commit it: it must never be seen.</summary>
    Aborted = 2,
}

/// <summary>A transaction or a batch, logged before it is sent; its outcome is logged when it is known.</summary>
/// <param name="writer">Who sends it.</param>
/// <param name="number">Its number, which counts up for each writer.</param>
/// <param name="values">What it writes; no value is written twice by anybody.</param>
/// <param name="changed">Is told of each outcome, when another process keeps the ledger.</param>
internal class Attempt(string writer, long number, IReadOnlyDictionary<TopicPartition, string[]> values, Action<Outcome>? changed = null)
{
    internal string Writer => writer;

    internal long Number => number;

    internal IReadOnlyDictionary<TopicPartition, string[]> Values => values;

    internal Outcome Outcome
    {
        get;
        set
        {
            field = value;
            changed?.Invoke(value);
        }
    }

    /// <summary>The offset that the answer told for a batch, or -1.</summary>
    internal long Offset { get; set; } = -1;

    /// <summary>The batch that writes what it has for a partition.</summary>
    internal virtual byte[] ToBatch(TopicPartition partition, BatchProducer producer) => Batch.Of(producer, values[partition]);

    public override string ToString() => $"{writer}, attempt {number} ({Outcome})";
}
