using Pipelines.Broker.Log;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Deletes committed offsets of a group.</summary>
internal sealed class OffsetDeleteHandler : Handler<OffsetDeleteRequest, OffsetDeleteResponse>
{
    protected override async ValueTask<OffsetDeleteResponse?> HandleAsync(OffsetDeleteRequest request, RequestContext context)
    {
        if (!context.Allows(Operation.Delete, ResourceKind.Group, request.GroupId)) return new OffsetDeleteResponse { ErrorCode = (short)ErrorCode.GroupAuthorizationFailed };
        List<TopicPartition> wanted =
        [
            .. request.Topics
                .Where(topic => context.Allows(Operation.Read, ResourceKind.Topic, topic.Name))
                .SelectMany(static topic => topic.Partitions.Select(partition => new TopicPartition(topic.Name, partition.PartitionIndex))),
        ];
        (ErrorCode error, IReadOnlyList<ErrorCode> errors) = await context.Groups.DeleteOffsetsAsync(request.GroupId, wanted);
        var response = new OffsetDeleteResponse { ErrorCode = (short)error };
        if (error != ErrorCode.None) return response;
        foreach (OffsetDeleteRequest.OffsetDeleteRequestTopic topic in request.Topics)
        {
            response.Topics.Add(new()
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(partition => new OffsetDeleteResponse.OffsetDeleteResponsePartition
                {
                    PartitionIndex = partition.PartitionIndex,
                    ErrorCode = (short)(wanted.IndexOf(new TopicPartition(topic.Name, partition.PartitionIndex)) is var index and >= 0 ? errors[index] : ErrorCode.TopicAuthorizationFailed),
                })],
            });
        }

        return response;
    }
}
