namespace Pipelines.Runtime.Brokers;

/// <summary>The transaction that keeps readers of committed records from going on in a partition, or a group's offsets undecided.</summary>
/// <remarks>Source: DescribeProducers, ListTransactions and DescribeTransactions of KIP-664.</remarks>
/// <param name="ProducerId">Whose it is.</param>
/// <param name="FirstOffset">Its first record in the partition; null where it is not about one.</param>
/// <param name="TransactionalId">The transactional id; null when no coordinator tells it.</param>
/// <param name="OpenFor">How long it has been open; null when nobody tells.</param>
/// <param name="Timeout">After what time the broker aborts it by itself; null when nobody tells.</param>
public sealed record OpenTransaction(long ProducerId, long? FirstOffset, string? TransactionalId, TimeSpan? OpenFor, TimeSpan? Timeout)
{
    /// <summary>True when its coordinator takes it for ended: its end was never written there, and nobody will write it by himself.</summary>
    public bool IsHanging { get; init; }
}
