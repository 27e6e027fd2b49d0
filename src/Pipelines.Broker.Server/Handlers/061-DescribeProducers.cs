using Pipelines.Broker.Transactions;
using Pipelines.Broker.Log;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Tells the producers that partitions remember.</summary>
/// <remarks>Source: KIP-664.</remarks>
internal sealed class DescribeProducersHandler : Handler<DescribeProducersRequest, DescribeProducersResponse>
{
    protected override async ValueTask<DescribeProducersResponse?> HandleAsync(DescribeProducersRequest request, RequestContext context)
    {
        var response = new DescribeProducersResponse { Topics = new(request.Topics.Count) };
        foreach (DescribeProducersRequest.TopicRequest topic in request.Topics)
        {
            bool isAllowed = context.Allows(Operation.Read, ResourceKind.Topic, topic.Name);
            var answer = new DescribeProducersResponse.TopicResponse { Name = topic.Name };
            response.Topics.Add(answer);
            foreach (int partition in topic.PartitionIndexes)
                answer.Partitions.Add(await DescribeAsync(new TopicPartition(topic.Name, partition), isAllowed, context));
        }

        return response;
    }

    private static async ValueTask<DescribeProducersResponse.PartitionResponse> DescribeAsync(TopicPartition id, bool isAllowed, RequestContext context)
    {
        var answer = new DescribeProducersResponse.PartitionResponse { PartitionIndex = id.Partition };
        if (!isAllowed)
        {
            answer.ErrorCode = (short)ErrorCode.TopicAuthorizationFailed;
            return answer;
        }

        if (await context.Engine.DescribeProducersAsync(id) is not { } producers)
        {
            answer.ErrorCode = (short)ErrorCode.UnknownTopicOrPartition;
            return answer;
        }

        foreach (ActiveProducer producer in producers)
        {
            answer.ActiveProducers.Add(new()
            {
                ProducerId = producer.ProducerId,
                ProducerEpoch = producer.Epoch,
                LastSequence = producer.LastSequence,
                LastTimestamp = producer.LastTimestamp,
                CurrentTxnStartOffset = producer.TransactionStart,
            });
        }

        return answer;
    }
}
