using Pipelines.Broker.Groups;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Takes the leader's assignment, and hands each member its part.</summary>
internal sealed class SyncGroupHandler : Handler<SyncGroupRequest, SyncGroupResponse>
{
    protected override async ValueTask<SyncGroupResponse?> HandleAsync(SyncGroupRequest request, RequestContext context)
    {
        if (!context.Allows(Operation.Read, ResourceKind.Group, request.GroupId)) return new SyncGroupResponse { ErrorCode = (short)ErrorCode.GroupAuthorizationFailed };
        SyncReply reply = await context.Groups.SyncAsync(new SyncRequest
        {
            GroupId = request.GroupId,
            MemberId = request.MemberId,
            InstanceId = request.GroupInstanceId,
            Generation = request.GenerationId,
            ProtocolType = request.ProtocolType,
            Protocol = request.ProtocolName,
            // Copied: the group keeps them longer than the frame lives.
            Assignments = [.. request.Assignments.Select(static given => new MemberAssignment(given.MemberId, given.Assignment.ToArray()))],
        });
        return new SyncGroupResponse
        {
            ErrorCode = (short)reply.Error,
            ProtocolType = reply.ProtocolType,
            ProtocolName = reply.Protocol,
            Assignment = reply.Assignment,
        };
    }
}
