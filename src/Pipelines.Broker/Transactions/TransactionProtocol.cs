namespace Pipelines.Broker.Transactions;

/// <summary>What a transactional client understands; told by the versions of its requests.</summary>
/// <remarks>
/// Source: KIP-890. <c>Produce</c> up to 10 and <c>TxnOffsetCommit</c> up to 3 are classic, 11 and 4 know <see cref="ErrorCode.TransactionAbortable"/>,
/// 12 and 5 add to the transaction themselves. <c>EndTxn</c> 5 brings the next epoch.
/// </remarks>
public enum TransactionProtocol
{
    /// <summary>Partitions and groups are added before they are used; a mistake is <see cref="ErrorCode.InvalidTxnState"/>, which ends the client.</summary>
    Classic = 0,

    /// <summary>The same, but a mistake is <see cref="ErrorCode.TransactionAbortable"/>: the client aborts and goes on.</summary>
    Abortable = 1,

    /// <summary>Version 2: records and offsets become part of the transaction, and begin it, without being announced.</summary>
    Implicit = 2,
}

/// <summary>Which error of the engine a client of an older version is told.</summary>
public static class TransactionErrors
{
    /// <summary>For InitProducerId, AddPartitionsToTxn, AddOffsetsToTxn and EndTxn.</summary>
    /// <param name="error">The engine's answer.</param>
    /// <param name="knowsFenced">True from InitProducerId 4, and version 2 of the others (KIP-588).</param>
    public static ErrorCode OfCoordinator(ErrorCode error, bool knowsFenced) =>
        error == ErrorCode.ProducerFenced && !knowsFenced ? ErrorCode.InvalidProducerEpoch : error;

    /// <summary>For Produce and TxnOffsetCommit, which know no other word for a fenced producer in any version.</summary>
    /// <param name="error">The engine's answer.</param>
    public static ErrorCode OfWrite(ErrorCode error) => OfCoordinator(error, knowsFenced: false);
}
