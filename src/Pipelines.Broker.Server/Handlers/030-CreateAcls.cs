using Pipelines.Broker.Server.Requests;
using Pipelines.Broker.Server.Security;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Adds rules to the access control lists; answered when they are durable and in force.</summary>
/// <remarks>Source: KIP-140, KIP-290.</remarks>
internal sealed class CreateAclsHandler : Handler<CreateAclsRequest, CreateAclsResponse>
{
    protected override async ValueTask<CreateAclsResponse?> HandleAsync(CreateAclsRequest request, RequestContext context)
    {
        (ErrorCode Error, string? Message) refused = !context.AllowsCluster(Operation.Alter) ? (ErrorCode.ClusterAuthorizationFailed, "The principal may not change the access control lists.")
            : !context.Broker.HasAuthorizer ? (ErrorCode.SecurityDisabled, BrokerServices.NoAuthorizer) : (ErrorCode.None, null);
        var response = new CreateAclsResponse { Results = new(request.Creations.Count) };
        var rules = new List<AclRule>();
        foreach (CreateAclsRequest.AclCreation wanted in request.Creations)
        {
            AclRule rule = AclWire.ReadRule(
                wanted.ResourceType, wanted.ResourcePatternType, wanted.ResourceName, wanted.Principal, wanted.Host, wanted.Operation, wanted.PermissionType, out string? mistake);
            (ErrorCode error, string? message) = refused.Error != ErrorCode.None ? refused : mistake is null ? (ErrorCode.None, null) : (ErrorCode.InvalidRequest, mistake);
            response.Results.Add(new() { ErrorCode = (short)error, ErrorMessage = message });
            if (error == ErrorCode.None) rules.Add(rule);
        }

        await context.Engine.CreateAclsAsync(rules);
        foreach (AclRule rule in rules) context.Broker.Audit.AclChanged(context.Connection, "added", rule);
        return response;
    }
}
