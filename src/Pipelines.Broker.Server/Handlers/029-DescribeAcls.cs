using Pipelines.Broker.Server.Requests;
using Pipelines.Broker.Server.Security;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Tells the access control lists.</summary>
/// <remarks>Source: KIP-140, KIP-290.</remarks>
internal sealed class DescribeAclsHandler : Handler<DescribeAclsRequest, DescribeAclsResponse>
{
    protected override ValueTask<DescribeAclsResponse?> HandleAsync(DescribeAclsRequest request, RequestContext context)
    {
        if (!context.AllowsCluster(Operation.Describe)) return Refuse(ErrorCode.ClusterAuthorizationFailed, "The principal may not see the access control lists.");
        if (!context.Broker.HasAuthorizer) return Refuse(ErrorCode.SecurityDisabled, BrokerServices.NoAuthorizer);
        AclFilter filter = AclWire.ReadFilter(
            request.ResourceTypeFilter, request.PatternTypeFilter, request.ResourceNameFilter, request.PrincipalFilter, request.HostFilter, request.Operation, request.PermissionType,
            out string? mistake);
        if (mistake is not null) return Refuse(ErrorCode.InvalidRequest, mistake);
        var response = new DescribeAclsResponse();
        foreach (IGrouping<(ResourceKind Kind, PatternKind Pattern, string Name), AclRule> resource in context.Engine.Acls.Where(filter.Takes)
            .GroupBy(static rule => (rule.Kind, rule.Pattern, rule.Name))
            .OrderBy(static group => group.Key.Kind)
            .ThenBy(static group => group.Key.Name, StringComparer.Ordinal))
        {
            response.Resources.Add(new()
            {
                ResourceType = (sbyte)resource.Key.Kind,
                ResourceName = resource.Key.Name,
                PatternType = (sbyte)resource.Key.Pattern,
                Acls = [.. resource.Select(static rule => new DescribeAclsResponse.AclDescription
                {
                    Principal = rule.Principal,
                    Host = rule.Host,
                    Operation = (sbyte)rule.Operation,
                    PermissionType = (sbyte)rule.Permission,
                })],
            });
        }

        return new(response);
    }

    private static ValueTask<DescribeAclsResponse?> Refuse(ErrorCode error, string message) => new(new DescribeAclsResponse { ErrorCode = (short)error, ErrorMessage = message });
}
