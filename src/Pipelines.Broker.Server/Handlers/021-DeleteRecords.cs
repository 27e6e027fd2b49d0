using Pipelines.Broker.Log;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Deletes the records of partitions before an offset.</summary>
/// <remarks>Source: KIP-107.</remarks>
internal sealed class DeleteRecordsHandler : Handler<DeleteRecordsRequest, DeleteRecordsResponse>
{
    protected override async ValueTask<DeleteRecordsResponse?> HandleAsync(DeleteRecordsRequest request, RequestContext context)
    {
        var response = new DeleteRecordsResponse { Topics = new(request.Topics.Count) };
        foreach (DeleteRecordsRequest.DeleteRecordsTopic topic in request.Topics)
        {
            bool isAllowed = context.Allows(Operation.Delete, ResourceKind.Topic, topic.Name);
            var answer = new DeleteRecordsResponse.DeleteRecordsTopicResult { Name = topic.Name };
            response.Topics.Add(answer);
            foreach (DeleteRecordsRequest.DeleteRecordsPartition partition in topic.Partitions)
            {
                (ErrorCode error, long start) = isAllowed
                    ? await context.Engine.DeleteRecordsAsync(new TopicPartition(topic.Name, partition.PartitionIndex), partition.Offset)
                    : (ErrorCode.TopicAuthorizationFailed, -1);
                answer.Partitions.Add(new() { PartitionIndex = partition.PartitionIndex, LowWatermark = start, ErrorCode = (short)error });
            }
        }

        return response;
    }
}
