using Pipelines.Broker.Transactions;
using Pipelines.Broker.Log;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Tells the state of transactional ids.</summary>
/// <remarks>Source: KIP-664.</remarks>
internal sealed class DescribeTransactionsHandler : Handler<DescribeTransactionsRequest, DescribeTransactionsResponse>
{
    protected override async ValueTask<DescribeTransactionsResponse?> HandleAsync(DescribeTransactionsRequest request, RequestContext context)
    {
        var response = new DescribeTransactionsResponse { TransactionStates = new(request.TransactionalIds.Count) };
        foreach (string id in request.TransactionalIds)
        {
            response.TransactionStates.Add(context.Allows(Operation.Describe, ResourceKind.TransactionalId, id)
                ? await DescribeAsync(id, context)
                : new() { TransactionalId = id, ErrorCode = (short)ErrorCode.TransactionalIdAuthorizationFailed });
        }

        return response;
    }

    private static async ValueTask<DescribeTransactionsResponse.DescribedTransaction> DescribeAsync(string id, RequestContext context)
    {
        if (await context.Engine.DescribeTransactionAsync(id) is not { } transaction)
            return new() { TransactionalId = id, ErrorCode = (short)ErrorCode.TransactionalIdNotFound };
        var answer = new DescribeTransactionsResponse.DescribedTransaction
        {
            TransactionalId = id,
            TransactionState = transaction.Phase.ToString(),
            TransactionTimeoutMs = (int)transaction.Timeout.TotalMilliseconds,
            TransactionStartTimeMs = transaction.Began?.ToUnixTimeMilliseconds() ?? -1,
            ProducerId = transaction.ProducerId,
            ProducerEpoch = transaction.Epoch,
        };
        foreach (IGrouping<string, TopicPartition> topic in transaction.Partitions.GroupBy(static partition => partition.Topic, StringComparer.Ordinal))
        {
            if (context.Allows(Operation.Describe, ResourceKind.Topic, topic.Key, isQuiet: true))
                answer.Topics.Add(new() { Topic = topic.Key, Partitions = [.. topic.Select(static partition => partition.Partition).Order()] });
        }

        return answer;
    }
}
