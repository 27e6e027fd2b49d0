using Pipelines.Broker.Groups;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Keeps a member in its group.</summary>
internal sealed class HeartbeatHandler : Handler<HeartbeatRequest, HeartbeatResponse>
{
    protected override ValueTask<HeartbeatResponse?> HandleAsync(HeartbeatRequest request, RequestContext context)
    {
        ErrorCode error = context.Allows(Operation.Read, ResourceKind.Group, request.GroupId)
            ? context.Groups.Heartbeat(new MemberClaim(request.GroupId, request.MemberId, request.GenerationId, request.GroupInstanceId))
            : ErrorCode.GroupAuthorizationFailed;
        return new(new HeartbeatResponse { ErrorCode = (short)error });
    }
}
