using Pipelines.Broker.Groups;
using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Commits offsets of a group.</summary>
internal sealed class OffsetCommitHandler : Handler<OffsetCommitRequest, OffsetCommitResponse>
{
    protected override async ValueTask<OffsetCommitResponse?> HandleAsync(OffsetCommitRequest request, RequestContext context)
    {
        var response = new OffsetCommitResponse { Topics = new(request.Topics.Count) };
        var offsets = new List<GroupOffset>();
        var taken = new List<OffsetCommitResponse.OffsetCommitResponsePartition>();
        bool isAllowed = context.Allows(Operation.Read, ResourceKind.Group, request.GroupId);
        foreach (OffsetCommitRequest.OffsetCommitRequestTopic topic in request.Topics)
        {
            var answer = new OffsetCommitResponse.OffsetCommitResponseTopic { Name = topic.Name, Partitions = new(topic.Partitions.Count) };
            response.Topics.Add(answer);
            ErrorCode refused = !isAllowed ? ErrorCode.GroupAuthorizationFailed
                : context.Allows(Operation.Read, ResourceKind.Topic, topic.Name) ? ErrorCode.None : ErrorCode.TopicAuthorizationFailed;
            foreach (OffsetCommitRequest.OffsetCommitRequestPartition partition in topic.Partitions)
            {
                var offset = new GroupOffset(
                    new TopicPartition(topic.Name, partition.PartitionIndex), partition.CommittedOffset, partition.CommittedLeaderEpoch, partition.CommittedMetadata ?? "");
                ErrorCode error = refused != ErrorCode.None ? refused : Offsets.Check(context.Engine, offset);
                var partitionAnswer = new OffsetCommitResponse.OffsetCommitResponsePartition { PartitionIndex = partition.PartitionIndex, ErrorCode = (short)error };
                answer.Partitions.Add(partitionAnswer);
                if (error != ErrorCode.None) continue;
                offsets.Add(offset);
                taken.Add(partitionAnswer);
            }
        }

        if (!isAllowed) return response;
        var member = new MemberClaim(request.GroupId, request.MemberId, request.GenerationIdOrMemberEpoch, request.GroupInstanceId);
        ErrorCode committed = await context.Groups.CommitAsync(
            member, isTransactional: false, engine => offsets.Count == 0 ? Task.FromResult(ErrorCode.None) : engine.CommitOffsetsAsync(request.GroupId, offsets));
        foreach (OffsetCommitResponse.OffsetCommitResponsePartition partition in taken) partition.ErrorCode = (short)committed;
        return response;
    }
}
