using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Deletes empty groups with their offsets.</summary>
internal sealed class DeleteGroupsHandler : Handler<DeleteGroupsRequest, DeleteGroupsResponse>
{
    protected override async ValueTask<DeleteGroupsResponse?> HandleAsync(DeleteGroupsRequest request, RequestContext context)
    {
        var response = new DeleteGroupsResponse { Results = new(request.GroupsNames.Count) };
        foreach (string group in request.GroupsNames)
        {
            ErrorCode error = context.Allows(Operation.Delete, ResourceKind.Group, group) ? await context.Groups.DeleteAsync(group) : ErrorCode.GroupAuthorizationFailed;
            response.Results.Add(new() { GroupId = group, ErrorCode = (short)error });
        }

        return response;
    }
}
