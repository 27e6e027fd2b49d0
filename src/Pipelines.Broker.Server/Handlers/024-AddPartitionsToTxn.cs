using Pipelines.Broker.Transactions;
using Pipelines.Broker.Log;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Makes partitions part of a transaction: all of the request, or none.</summary>
internal sealed class AddPartitionsToTxnHandler : Handler<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>
{
    private const short FirstVersionOfFenced = 2;

    protected override async ValueTask<AddPartitionsToTxnResponse?> HandleAsync(AddPartitionsToTxnRequest request, RequestContext context)
    {
        var wanted = new List<TopicPartition>();
        foreach (AddPartitionsToTxnRequest.AddPartitionsToTxnTopic topic in request.V3AndBelowTopics)
            wanted.AddRange(topic.Partitions.Select(partition => new TopicPartition(topic.Name, partition)));

        var errors = new Dictionary<TopicPartition, ErrorCode>();
        foreach (TopicPartition partition in wanted) errors[partition] = Check(partition, context);
        string id = request.V3AndBelowTransactionalId;
        ErrorCode all = id.Length == 0 ? ErrorCode.InvalidRequest
            : context.Allows(Operation.Write, ResourceKind.TransactionalId, id) ? ErrorCode.None : ErrorCode.TransactionalIdAuthorizationFailed;
        if (all == ErrorCode.None && errors.Values.Any(static error => error != ErrorCode.None))
        {
            foreach (TopicPartition partition in wanted)
            {
                if (errors[partition] == ErrorCode.None) errors[partition] = ErrorCode.OperationNotAttempted;
            }
        }
        else
        {
            if (all == ErrorCode.None)
                all = await context.Engine.AddPartitionsAsync(id, request.V3AndBelowProducerId, request.V3AndBelowProducerEpoch, wanted, context.Connection.Id);
            all = TransactionErrors.OfCoordinator(all, context.Version >= FirstVersionOfFenced);
            foreach (TopicPartition partition in wanted) errors[partition] = all;
        }

        var response = new AddPartitionsToTxnResponse();
        foreach (AddPartitionsToTxnRequest.AddPartitionsToTxnTopic topic in request.V3AndBelowTopics)
        {
            response.ResultsByTopicV3AndBelow.Add(new()
            {
                Name = topic.Name,
                ResultsByPartition = [.. topic.Partitions.Select(partition => new AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult
                {
                    PartitionIndex = partition,
                    PartitionErrorCode = (short)errors[new TopicPartition(topic.Name, partition)],
                })],
            });
        }

        return response;
    }

    private static ErrorCode Check(TopicPartition partition, RequestContext context) =>
        !context.Allows(Operation.Write, ResourceKind.Topic, partition.Topic) ? ErrorCode.TopicAuthorizationFailed
        : context.Engine.FindOffsets(partition) is null ? ErrorCode.UnknownTopicOrPartition : ErrorCode.None;
}
