using Pipelines.Broker.Server.Requests;
using Pipelines.Broker.Server.Security;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Takes the rules that filters match out of the access control lists, and tells them.</summary>
/// <remarks>Source: KIP-140, KIP-290.</remarks>
internal sealed class DeleteAclsHandler : Handler<DeleteAclsRequest, DeleteAclsResponse>
{
    protected override async ValueTask<DeleteAclsResponse?> HandleAsync(DeleteAclsRequest request, RequestContext context)
    {
        (ErrorCode Error, string? Message) refused = !context.AllowsCluster(Operation.Alter) ? (ErrorCode.ClusterAuthorizationFailed, "The principal may not change the access control lists.")
            : !context.Broker.HasAuthorizer ? (ErrorCode.SecurityDisabled, BrokerServices.NoAuthorizer) : (ErrorCode.None, null);
        var response = new DeleteAclsResponse { FilterResults = new(request.Filters.Count) };
        var filters = new List<AclFilter>();
        var answers = new List<DeleteAclsResponse.DeleteAclsFilterResult>();
        foreach (DeleteAclsRequest.DeleteAclsFilter wanted in request.Filters)
        {
            AclFilter filter = AclWire.ReadFilter(
                wanted.ResourceTypeFilter, wanted.PatternTypeFilter, wanted.ResourceNameFilter, wanted.PrincipalFilter, wanted.HostFilter, wanted.Operation, wanted.PermissionType,
                out string? mistake);
            (ErrorCode error, string? message) = refused.Error != ErrorCode.None ? refused : mistake is null ? (ErrorCode.None, null) : (ErrorCode.InvalidRequest, mistake);
            var answer = new DeleteAclsResponse.DeleteAclsFilterResult { ErrorCode = (short)error, ErrorMessage = message };
            response.FilterResults.Add(answer);
            if (error != ErrorCode.None) continue;
            filters.Add(filter);
            answers.Add(answer);
        }

        IReadOnlyList<IReadOnlyList<AclRule>> deleted = await context.Engine.DeleteAclsAsync(filters);
        for (int i = 0; i < deleted.Count; i++) answers[i].MatchingAcls = [.. deleted[i].Select(Describe)];
        foreach (AclRule rule in deleted.SelectMany(static rules => rules).Distinct()) context.Broker.Audit.AclChanged(context.Connection, "deleted", rule);
        return response;
    }

    private static DeleteAclsResponse.DeleteAclsMatchingAcl Describe(AclRule rule) => new()
    {
        ResourceType = (sbyte)rule.Kind,
        ResourceName = rule.Name,
        PatternType = (sbyte)rule.Pattern,
        Principal = rule.Principal,
        Host = rule.Host,
        Operation = (sbyte)rule.Operation,
        PermissionType = (sbyte)rule.Permission,
    };
}
