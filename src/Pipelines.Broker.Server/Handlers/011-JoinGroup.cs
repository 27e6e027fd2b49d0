using Pipelines.Broker.Groups;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Makes a member part of the next generation of its group; answered when that begins.</summary>
internal sealed class JoinGroupHandler : Handler<JoinGroupRequest, JoinGroupResponse>
{
    private const short FirstVersionOfRebalanceTimeout = 1;
    private const short FirstVersionOfKnownMembers = 4;
    private const short FirstVersionOfNullProtocol = 7;
    private const short FirstVersionOfSkippedAssignment = 9;

    protected override async ValueTask<JoinGroupResponse?> HandleAsync(JoinGroupRequest request, RequestContext context)
    {
        if (!context.Allows(Operation.Read, ResourceKind.Group, request.GroupId)) return Answer(new JoinReply(ErrorCode.GroupAuthorizationFailed, ""), context);
        return Answer(
            await context.Groups.JoinAsync(new JoinRequest
            {
                GroupId = request.GroupId,
                MemberId = request.MemberId,
                InstanceId = request.GroupInstanceId,
                ClientId = context.ClientId,
                ClientHost = $"/{context.Connection.RemoteHost}",
                SessionTimeout = TimeSpan.FromMilliseconds(request.SessionTimeoutMs),
                RebalanceTimeout = context.Version >= FirstVersionOfRebalanceTimeout ? TimeSpan.FromMilliseconds(request.RebalanceTimeoutMs) : null,
                ProtocolType = request.ProtocolType,
                // Copied: the group keeps them longer than the frame lives.
                Protocols = [.. request.Protocols.Select(static protocol => new GroupProtocol(protocol.Name, protocol.Metadata.ToArray()))],
                RequiresKnownMemberId = context.Version >= FirstVersionOfKnownMembers,
                CanSkipAssignment = context.Version >= FirstVersionOfSkippedAssignment,
            }),
            context);
    }

    private static JoinGroupResponse Answer(JoinReply reply, RequestContext context) => new()
    {
        ErrorCode = (short)reply.Error,
        GenerationId = reply.Generation,
        ProtocolType = reply.ProtocolType,
        ProtocolName = reply.Protocol ?? (context.Version >= FirstVersionOfNullProtocol ? null : ""),
        Leader = reply.Leader,
        SkipAssignment = reply.SkipAssignment,
        MemberId = reply.MemberId,
        Members = [.. reply.Members.Select(static member => new JoinGroupResponse.JoinGroupResponseMember
        {
            MemberId = member.MemberId,
            GroupInstanceId = member.InstanceId,
            Metadata = member.Metadata,
        })],
    };
}
