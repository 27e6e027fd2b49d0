using Pipelines.Broker.Groups;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Takes members out of their group.</summary>
internal sealed class LeaveGroupHandler : Handler<LeaveGroupRequest, LeaveGroupResponse>
{
    private const short FirstVersionOfMembers = 3;

    protected override ValueTask<LeaveGroupResponse?> HandleAsync(LeaveGroupRequest request, RequestContext context)
    {
        if (!context.Allows(Operation.Read, ResourceKind.Group, request.GroupId)) return new(new LeaveGroupResponse { ErrorCode = (short)ErrorCode.GroupAuthorizationFailed });
        if (context.Version < FirstVersionOfMembers)
        {
            (ErrorCode alone, IReadOnlyList<ErrorCode> one) = context.Groups.Leave(request.GroupId, [new LeavingMember(request.MemberId)]);
            return new(new LeaveGroupResponse { ErrorCode = (short)(alone == ErrorCode.None && one.Count > 0 ? one[0] : alone) });
        }

        (ErrorCode error, IReadOnlyList<ErrorCode> errors) = context.Groups.Leave(
            request.GroupId, [.. request.Members.Select(static member => new LeavingMember(member.MemberId, member.GroupInstanceId))]);
        var response = new LeaveGroupResponse { ErrorCode = (short)error };
        for (int i = 0; i < errors.Count; i++)
        {
            response.Members.Add(new()
            {
                MemberId = request.Members[i].MemberId,
                GroupInstanceId = request.Members[i].GroupInstanceId,
                ErrorCode = (short)errors[i],
            });
        }

        return new(response);
    }
}
