using Pipelines.Broker.Transactions;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Lists transactional ids.</summary>
/// <remarks>Source: KIP-664, KIP-994.</remarks>
internal sealed class ListTransactionsHandler : Handler<ListTransactionsRequest, ListTransactionsResponse>
{
    /// <summary>What a time span can hold.</summary>
    private const long MaxMilliseconds = long.MaxValue / TimeSpan.TicksPerMillisecond;

    // Those that Kafka has beside ours: known to a filter, and never found here.
    private static readonly string[] OtherStates = ["PrepareAbort", "Dead", "PrepareEpochFence"];

    protected override async ValueTask<ListTransactionsResponse?> HandleAsync(ListTransactionsRequest request, RequestContext context)
    {
        var response = new ListTransactionsResponse();
        var phases = new List<TransactionPhase>();
        foreach (string state in request.StateFilters)
        {
            if (Enum.TryParse(state, out TransactionPhase phase) && Enum.IsDefined(phase)) phases.Add(phase);
            else if (!OtherStates.Contains(state, StringComparer.Ordinal)) response.UnknownStateFilters.Add(state);
        }

        if (request.StateFilters.Count > 0 && phases.Count == 0) return response;
        (ErrorCode error, IReadOnlyList<TransactionListing> transactions) = await context.Engine.ListTransactionsAsync(new TransactionFilter
        {
            Phases = phases,
            ProducerIds = request.ProducerIdFilters,
            OpenFor = request.DurationFilter >= 0 ? TimeSpan.FromMilliseconds(Math.Min(request.DurationFilter, MaxMilliseconds)) : null,
            IdPattern = request.TransactionalIdPattern,
        });
        response.ErrorCode = (short)error;
        foreach (TransactionListing transaction in transactions)
        {
            if (!context.Allows(Operation.Describe, ResourceKind.TransactionalId, transaction.TransactionalId, isQuiet: true)) continue;
            response.TransactionStates.Add(new()
            {
                TransactionalId = transaction.TransactionalId,
                ProducerId = transaction.ProducerId,
                TransactionState = transaction.Phase.ToString(),
            });
        }

        return response;
    }
}
