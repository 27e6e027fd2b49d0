using Pipelines.Broker.Groups;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Lists the groups.</summary>
internal sealed class ListGroupsHandler : Handler<ListGroupsRequest, ListGroupsResponse>
{
    /// <summary>What Kafka calls groups whose members join and sync (KIP-848 has another kind).</summary>
    private const string Classic = "classic";

    protected override async ValueTask<ListGroupsResponse?> HandleAsync(ListGroupsRequest request, RequestContext context)
    {
        var response = new ListGroupsResponse();
        if (request.TypesFilter.Count > 0 && !request.TypesFilter.Contains(Classic, StringComparer.OrdinalIgnoreCase)) return response;
        bool seesAll = context.AllowsCluster(Operation.Describe, isQuiet: true);
        foreach (GroupListing group in await context.Groups.ListAsync())
        {
            string state = group.State.ToString();
            if (request.StatesFilter.Count > 0 && !request.StatesFilter.Contains(state, StringComparer.OrdinalIgnoreCase)) continue;
            if (!seesAll && !context.Allows(Operation.Describe, ResourceKind.Group, group.GroupId, isQuiet: true)) continue;
            response.Groups.Add(new() { GroupId = group.GroupId, ProtocolType = group.ProtocolType, GroupState = state, GroupType = Classic });
        }

        return response;
    }
}
