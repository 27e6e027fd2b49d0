using Pipelines.Broker;
using Pipelines.Broker.Log;
using Pipelines.Cli.Cluster;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;

namespace Pipelines.Cli.Records;

/// <summary>Who writes: a producer id and its epoch, and the transaction it writes in, if any.</summary>
/// <remarks>Partitions are added to the transaction by name, as clients before KIP-890 do; every broker that has transactions understands that.</remarks>
internal sealed class ProducerId
{
    /// <summary>The last version of Produce in which a partition has to be part of the transaction already, and a topic has its name.</summary>
    internal const short LastProduceVersion = 11;

    private const short LastEndTxnVersion = 4;
    private const short LastAddPartitionsVersion = 3;
    private const int TransactionTimeoutMs = 60_000;
    private readonly HashSet<TopicPartition> added = [];

    private ProducerId(string? transactionalId, InitProducerIdResponse answer)
    {
        TransactionalId = transactionalId;
        Id = answer.ProducerId;
        Epoch = answer.ProducerEpoch;
    }

    internal string? TransactionalId { get; }

    internal long Id { get; }

    internal short Epoch { get; }

    /// <summary>Gets an id from the cluster. With a transactional id, it fences the owner that was, and aborts its open transaction.</summary>
    internal static async Task<ProducerId> InitAsync(Session session, string? transactionalId)
    {
        var request = new InitProducerIdRequest { TransactionalId = transactionalId, TransactionTimeoutMs = transactionalId is null ? int.MaxValue : TransactionTimeoutMs };
        InitProducerIdResponse answer = transactionalId is null
            ? await session.PatientlyAsync(() => session.AskAnyAsync(request), static answer => answer.ErrorCode)
            : await session.AskCoordinatorAsync(CoordinatorKind.Transaction, transactionalId, request, static answer => answer.ErrorCode);
        Errors.Check(answer.ErrorCode, transactionalId is null ? "A producer id" : $"Transactional id '{transactionalId}'");
        return new ProducerId(transactionalId, answer);
    }

    /// <summary>Makes partitions part of the transaction; does nothing without one.</summary>
    internal async Task AddPartitionsAsync(Session session, IEnumerable<TopicPartition> partitions)
    {
        if (TransactionalId is null) return;
        TopicPartition[] more = [.. partitions.Where(partition => !added.Contains(partition))];
        if (more.Length == 0) return;
        var request = new AddPartitionsToTxnRequest
        {
            V3AndBelowTransactionalId = TransactionalId,
            V3AndBelowProducerId = Id,
            V3AndBelowProducerEpoch = Epoch,
            V3AndBelowTopics = [.. more.GroupBy(static partition => partition.Topic).Select(static topic => new AddPartitionsToTxnRequest.AddPartitionsToTxnTopic { Name = topic.Key, Partitions = [.. topic.Select(static partition => partition.Partition)] })],
        };
        AddPartitionsToTxnResponse answer = await session.AskCoordinatorAsync(CoordinatorKind.Transaction, TransactionalId, request, FirstError, LastAddPartitionsVersion);
        Errors.Check(FirstError(answer), $"Transaction '{TransactionalId}'");
        added.UnionWith(more);
    }

    /// <summary>Commits or aborts the transaction, if there is one with anything in it.</summary>
    internal async Task EndAsync(Session session, bool isCommit)
    {
        if (TransactionalId is null || added.Count == 0) return;
        var request = new EndTxnRequest { TransactionalId = TransactionalId, ProducerId = Id, ProducerEpoch = Epoch, Committed = isCommit };
        EndTxnResponse answer = await session.AskCoordinatorAsync(CoordinatorKind.Transaction, TransactionalId, request, static answer => answer.ErrorCode, LastEndTxnVersion);
        Errors.Check(answer.ErrorCode, $"The transaction '{TransactionalId}' was not {(isCommit ? "committed" : "aborted")}");
    }

    private static short FirstError(AddPartitionsToTxnResponse answer) =>
        answer.ResultsByTopicV3AndBelow.SelectMany(static topic => topic.ResultsByPartition).Select(static partition => partition.PartitionErrorCode)
            .FirstOrDefault(static code => code is not (0 or (short)ErrorCode.OperationNotAttempted));
}
