using Pipelines.Broker.Groups;
using Pipelines.Broker.Journal;
using Pipelines.Broker.Transactions;
using Pipelines.Broker.Log;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Commits offsets of a group within a transaction.</summary>
internal sealed class TxnOffsetCommitHandler : Handler<TxnOffsetCommitRequest, TxnOffsetCommitResponse>
{
    private const short FirstAbortableVersion = 4;
    private const short FirstImplicitVersion = 5;

    protected override async ValueTask<TxnOffsetCommitResponse?> HandleAsync(TxnOffsetCommitRequest request, RequestContext context)
    {
        var response = new TxnOffsetCommitResponse { Topics = new(request.Topics.Count) };
        var offsets = new List<GroupOffset>();
        var taken = new List<TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition>();
        ErrorCode refused = request.TransactionalId.Length == 0 ? ErrorCode.InvalidRequest
            : !context.Allows(Operation.Write, ResourceKind.TransactionalId, request.TransactionalId) ? ErrorCode.TransactionalIdAuthorizationFailed
            : !context.Allows(Operation.Read, ResourceKind.Group, request.GroupId) ? ErrorCode.GroupAuthorizationFailed : ErrorCode.None;
        foreach (TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic topic in request.Topics)
        {
            var answer = new TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic { Name = topic.Name, Partitions = new(topic.Partitions.Count) };
            response.Topics.Add(answer);
            ErrorCode topicError = refused != ErrorCode.None ? refused
                : context.Allows(Operation.Read, ResourceKind.Topic, topic.Name) ? ErrorCode.None : ErrorCode.TopicAuthorizationFailed;
            foreach (TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition partition in topic.Partitions)
            {
                var offset = new GroupOffset(
                    new TopicPartition(topic.Name, partition.PartitionIndex), partition.CommittedOffset, partition.CommittedLeaderEpoch, partition.CommittedMetadata ?? "");
                ErrorCode error = topicError != ErrorCode.None ? topicError : Offsets.Check(context.Engine, offset);
                var partitionAnswer = new TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition { PartitionIndex = partition.PartitionIndex, ErrorCode = (short)error };
                answer.Partitions.Add(partitionAnswer);
                if (error != ErrorCode.None) continue;
                offsets.Add(offset);
                taken.Add(partitionAnswer);
            }
        }

        if (taken.Count == 0) return response;
        TransactionProtocol protocol = context.Version >= FirstImplicitVersion ? TransactionProtocol.Implicit
            : context.Version >= FirstAbortableVersion ? TransactionProtocol.Abortable : TransactionProtocol.Classic;
        var member = new MemberClaim(request.GroupId, request.MemberId, request.GenerationId, request.GroupInstanceId);
        ErrorCode committed = await context.Groups.CommitAsync(
            member,
            isTransactional: true,
            engine => engine.AddOffsetsAsync(request.TransactionalId, request.ProducerId, request.ProducerEpoch, request.GroupId, offsets, protocol, context.Connection.Id));
        foreach (TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition partition in taken) partition.ErrorCode = (short)TransactionErrors.OfWrite(committed);
        return response;
    }
}
