namespace Pipelines.Kafka;

/// <summary>What a coordinator has decided on a transaction.</summary>
internal enum TransactionOutcome
{
    /// <summary>Nothing yet, or it does not tell any more.</summary>
    Unknown,

    /// <summary>Readers of committed records are to see it.</summary>
    Committed,

    /// <summary>Nobody is to see it.</summary>
    Aborted,
}

/// <summary>The last transaction of a transactional id.</summary>
/// <remarks>States: Empty => Ongoing => PrepareCommit or PrepareAbort => CompleteCommit or CompleteAbort => Ongoing, or Empty when the id is opened again. Source: KIP-98, KIP-664.</remarks>
/// <param name="TransactionalId">Whose.</param>
/// <param name="ProducerId">The producer's id.</param>
/// <param name="Epoch">The producer's epoch; after the end of a transaction of version 2, the next one (KIP-890).</param>
/// <param name="Outcome">What was decided.</param>
/// <param name="IsEnding">True while its end is being written to its partitions.</param>
/// <param name="IsOpen">True when it is not decided; it is aborted when its transactional id is opened.</param>
internal sealed record LastTransaction(string TransactionalId, long ProducerId, int Epoch, TransactionOutcome Outcome, bool IsEnding, bool IsOpen)
{
    /// <summary>What DescribeTransactions says.</summary>
    internal static LastTransaction From(string id, string state, long producerId, int epoch) => new(
        id,
        producerId,
        epoch,
        state switch { "PrepareCommit" or "CompleteCommit" => TransactionOutcome.Committed, "PrepareAbort" or "CompleteAbort" => TransactionOutcome.Aborted, _ => TransactionOutcome.Unknown },
        IsEnding: state.StartsWith("Prepare", StringComparison.Ordinal),
        IsOpen: state == "Ongoing");

    /// <summary>The outcome, as a word in a message.</summary>
    internal string Decision => Outcome == TransactionOutcome.Committed ? "committed" : "aborted";

    /// <summary>What becomes of it when its transactional id is opened.</summary>
    internal LastTransaction AfterOpening() => IsOpen ? this with { Outcome = TransactionOutcome.Aborted } : this;

    /// <summary>True when what a producer has open in a partition is this transaction, and not one before it.</summary>
    internal bool Has(long producerId, int epoch) => producerId == ProducerId && (epoch == Epoch || (!IsOpen && epoch == Epoch - 1));
}
