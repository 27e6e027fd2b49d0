using Pipelines.Broker.Transactions;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Makes a group part of a transaction; its offsets follow with TxnOffsetCommit.</summary>
internal sealed class AddOffsetsToTxnHandler : Handler<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>
{
    private const short FirstVersionOfFenced = 2;

    protected override async ValueTask<AddOffsetsToTxnResponse?> HandleAsync(AddOffsetsToTxnRequest request, RequestContext context)
    {
        ErrorCode error = request.TransactionalId.Length == 0 ? ErrorCode.InvalidRequest
            : !context.Allows(Operation.Write, ResourceKind.TransactionalId, request.TransactionalId) ? ErrorCode.TransactionalIdAuthorizationFailed
            : !context.Allows(Operation.Read, ResourceKind.Group, request.GroupId) ? ErrorCode.GroupAuthorizationFailed
            : await context.Engine.AddGroupAsync(request.TransactionalId, request.ProducerId, request.ProducerEpoch, request.GroupId, context.Connection.Id);
        return new AddOffsetsToTxnResponse { ErrorCode = (short)TransactionErrors.OfCoordinator(error, context.Version >= FirstVersionOfFenced) };
    }
}
