using Pipelines.Broker.Groups;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Tells the state and the members of groups.</summary>
internal sealed class DescribeGroupsHandler : Handler<DescribeGroupsRequest, DescribeGroupsResponse>
{
    private const short FirstVersionOfNotFound = 6;

    protected override async ValueTask<DescribeGroupsResponse?> HandleAsync(DescribeGroupsRequest request, RequestContext context)
    {
        var response = new DescribeGroupsResponse { Groups = new(request.Groups.Count) };
        foreach (string group in request.Groups)
        {
            response.Groups.Add(context.Allows(Operation.Describe, ResourceKind.Group, group)
                ? Describe(await context.Groups.DescribeAsync(group), request, context)
                : new() { GroupId = group, ErrorCode = (short)ErrorCode.GroupAuthorizationFailed });
        }

        return response;
    }

    private static DescribeGroupsResponse.DescribedGroup Describe(GroupDescription group, DescribeGroupsRequest request, RequestContext context)
    {
        // Before, a group that does not exist is a dead one.
        bool isMissing = group.Error != ErrorCode.None && context.Version >= FirstVersionOfNotFound;
        return new()
        {
            ErrorCode = (short)(isMissing ? group.Error : ErrorCode.None),
            ErrorMessage = isMissing ? $"There is no group '{group.GroupId}'." : null,
            GroupId = group.GroupId,
            GroupState = group.State.ToString(),
            ProtocolType = group.ProtocolType,
            ProtocolData = group.Protocol,
            Members = [.. group.Members.Select(static member => new DescribeGroupsResponse.DescribedGroupMember
            {
                MemberId = member.MemberId,
                GroupInstanceId = member.InstanceId,
                ClientId = member.ClientId,
                ClientHost = member.ClientHost,
                MemberMetadata = member.Metadata,
                MemberAssignment = member.Assignment,
            })],
            AuthorizedOperations = context.Operations(ResourceKind.Group, group.GroupId, request.IncludeAuthorizedOperations),
        };
    }
}
