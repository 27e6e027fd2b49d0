using Pipelines.Broker.Transactions;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Gives a producer its id and epoch.</summary>
internal sealed class InitProducerIdHandler : Handler<InitProducerIdRequest, InitProducerIdResponse>
{
    private const short FirstVersionOfFenced = 4;

    protected override async ValueTask<InitProducerIdResponse?> HandleAsync(InitProducerIdRequest request, RequestContext context)
    {
        string? id = request.TransactionalId;
        if (id is { Length: 0 } || (request.ProducerId == -1 && request.ProducerEpoch != -1)) return Refused(ErrorCode.InvalidRequest);
        if (id is not null && !context.Allows(Operation.Write, ResourceKind.TransactionalId, id)) return Refused(ErrorCode.TransactionalIdAuthorizationFailed);
        if (id is null)
        {
            if (!context.AllowsIdempotence()) return Refused(ErrorCode.ClusterAuthorizationFailed);
            return Answer(await context.Engine.OpenProducerAsync(connection: context.Connection.Id), context);
        }

        if (request.TransactionTimeoutMs <= 0) return Refused(ErrorCode.InvalidTransactionTimeout);
        // Without an epoch it has nothing to go on with, whatever id it names.
        (long, short)? current = request.ProducerEpoch == -1 ? null : (request.ProducerId, request.ProducerEpoch);
        return Answer(
            await context.Engine.OpenProducerAsync(id, TimeSpan.FromMilliseconds(request.TransactionTimeoutMs), current, context.Connection.Id), context);
    }

    private static InitProducerIdResponse Answer(ProducerIdentity identity, RequestContext context) => new()
    {
        ErrorCode = (short)TransactionErrors.OfCoordinator(identity.Error, context.Version >= FirstVersionOfFenced),
        ProducerId = identity.ProducerId,
        ProducerEpoch = identity.Epoch,
    };

    private static InitProducerIdResponse Refused(ErrorCode error) => new() { ErrorCode = (short)error, ProducerId = -1, ProducerEpoch = -1 };
}
