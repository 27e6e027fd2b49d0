using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Tells who coordinates a group or a transactional id: always this broker.</summary>
internal sealed class FindCoordinatorHandler : Handler<FindCoordinatorRequest, FindCoordinatorResponse>
{
    private const sbyte GroupKey = 0;
    private const sbyte TransactionKey = 1;
    private const short FirstVersionOfKeys = 4;

    protected override ValueTask<FindCoordinatorResponse?> HandleAsync(FindCoordinatorRequest request, RequestContext context)
    {
        Address address = context.Advertised;
        int node = context.Broker.Options.NodeId;
        if (context.Version < FirstVersionOfKeys)
        {
            ErrorCode error = Check(request.KeyType, request.Key, context);
            return new(error == ErrorCode.None
                ? new FindCoordinatorResponse { NodeId = node, Host = address.Host, Port = address.Port }
                : new FindCoordinatorResponse { ErrorCode = (short)error, NodeId = -1, Port = -1 });
        }

        var response = new FindCoordinatorResponse { Coordinators = new(request.CoordinatorKeys.Count) };
        foreach (string key in request.CoordinatorKeys)
        {
            ErrorCode error = Check(request.KeyType, key, context);
            response.Coordinators.Add(error == ErrorCode.None
                ? new() { Key = key, NodeId = node, Host = address.Host, Port = address.Port }
                : new() { Key = key, ErrorCode = (short)error, NodeId = -1, Port = -1 });
        }

        return new(response);
    }

    private static ErrorCode Check(sbyte type, string key, RequestContext context) => type switch
    {
        GroupKey => context.Allows(Operation.Describe, ResourceKind.Group, key) ? ErrorCode.None : ErrorCode.GroupAuthorizationFailed,
        TransactionKey => context.Allows(Operation.Describe, ResourceKind.TransactionalId, key) ? ErrorCode.None : ErrorCode.TransactionalIdAuthorizationFailed,
        _ => ErrorCode.InvalidRequest,
    };
}
