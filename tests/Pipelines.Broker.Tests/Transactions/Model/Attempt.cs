using Pipelines.Broker.Log;
using Pipelines.Broker.Transactions;

namespace Pipelines.Broker.Tests.Transactions.Model;

/// <summary>What is known of a transaction from its client's side.</summary>
internal enum Outcome
{
    /// <summary>Its end was not asked for.</summary>
    Open = 0,

    /// <summary>Its commit was asked for, and the answer did not come, or was that the client is fenced.</summary>
    Unknown = 1,

    /// <summary>Its commit was acknowledged.</summary>
    Committed = 2,

    /// <summary>It can not have been committed.</summary>
    Aborted = 3,
}

/// <summary>One transaction: values that occur nowhere else, and its number as offset of groups.</summary>
internal sealed class Attempt(string transactionalId, long number, ProducerIdentity producer)
{
    internal string TransactionalId => transactionalId;

    internal long Number => number;

    internal ProducerIdentity Producer => producer;

    internal List<(TopicPartition Partition, string Value)> Values { get; } = [];

    internal List<string> Groups { get; } = [];

    internal Outcome Outcome { get; set; }

    /// <summary>True when another producer was given the id before the commit was asked for.</summary>
    internal bool IsDoomed { get; set; }

    /// <summary>True when it was seen: it stays so.</summary>
    internal bool WasVisible { get; set; }

    public override string ToString() => $"{transactionalId}#{number} ({producer.ProducerId}/{producer.Epoch}, {Outcome}{(IsDoomed ? ", doomed" : "")})";
}
