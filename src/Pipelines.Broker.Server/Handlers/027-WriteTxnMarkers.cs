using Pipelines.Broker.Log;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Aborts a transaction that hangs, on an operator's behalf.</summary>
/// <remarks>Source: KIP-664. Other brokers, who would also commit by it, there are none: that is refused.</remarks>
internal sealed class WriteTxnMarkersHandler : Handler<WriteTxnMarkersRequest, WriteTxnMarkersResponse>
{
    protected override async ValueTask<WriteTxnMarkersResponse?> HandleAsync(WriteTxnMarkersRequest request, RequestContext context)
    {
        bool isAllowed = context.AllowsCluster(Operation.ClusterAction, isQuiet: true) || context.AllowsCluster(Operation.Alter);
        var response = new WriteTxnMarkersResponse { Markers = new(request.Markers.Count) };
        foreach (WriteTxnMarkersRequest.WritableTxnMarker marker in request.Markers)
        {
            var answer = new WriteTxnMarkersResponse.WritableTxnMarkerResult { ProducerId = marker.ProducerId };
            response.Markers.Add(answer);
            foreach (WriteTxnMarkersRequest.WritableTxnMarkerTopic topic in marker.Topics)
            {
                var topicAnswer = new WriteTxnMarkersResponse.WritableTxnMarkerTopicResult { Name = topic.Name };
                answer.Topics.Add(topicAnswer);
                foreach (int partition in topic.PartitionIndexes)
                {
                    ErrorCode error = !isAllowed ? ErrorCode.ClusterAuthorizationFailed
                        : marker.TransactionResult ? ErrorCode.InvalidRequest
                        : await context.Engine.AbortTransactionAsync(new TopicPartition(topic.Name, partition), marker.ProducerId, marker.ProducerEpoch);
                    topicAnswer.Partitions.Add(new() { PartitionIndex = partition, ErrorCode = (short)error });
                }
            }
        }

        return response;
    }
}
