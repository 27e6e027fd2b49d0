using Pipelines.Broker.Transactions;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Commits or aborts a transaction; from version 5 on its producer goes on with the next epoch (KIP-890).</summary>
internal sealed class EndTxnHandler : Handler<EndTxnRequest, EndTxnResponse>
{
    private const short FirstVersionOfFenced = 2;
    private const short FirstVersionOfNextEpoch = 5;

    protected override async ValueTask<EndTxnResponse?> HandleAsync(EndTxnRequest request, RequestContext context)
    {
        if (request.TransactionalId.Length == 0) return new EndTxnResponse { ErrorCode = (short)ErrorCode.InvalidRequest };
        if (!context.Allows(Operation.Write, ResourceKind.TransactionalId, request.TransactionalId))
            return new EndTxnResponse { ErrorCode = (short)ErrorCode.TransactionalIdAuthorizationFailed };
        ProducerIdentity next = await context.Engine.EndTransactionAsync(
            request.TransactionalId, request.ProducerId, request.ProducerEpoch, request.Committed, context.Version >= FirstVersionOfNextEpoch, context.Connection.Id);
        return new EndTxnResponse
        {
            ErrorCode = (short)TransactionErrors.OfCoordinator(next.Error, context.Version >= FirstVersionOfFenced),
            ProducerId = next.ProducerId,
            ProducerEpoch = next.Epoch,
        };
    }
}
