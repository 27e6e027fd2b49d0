using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Tells that there are no quotas: tools that describe users ask for them too.</summary>
/// <remarks>Source: KIP-546.</remarks>
internal sealed class DescribeClientQuotasHandler : Handler<DescribeClientQuotasRequest, DescribeClientQuotasResponse>
{
    protected override ValueTask<DescribeClientQuotasResponse?> HandleAsync(DescribeClientQuotasRequest request, RequestContext context) =>
        new(context.AllowsCluster(Operation.DescribeConfigs)
            ? new DescribeClientQuotasResponse { Entries = [] }
            : new DescribeClientQuotasResponse { ErrorCode = (short)ErrorCode.ClusterAuthorizationFailed, ErrorMessage = "The principal may not see the quotas.", Entries = null });
}
