using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Tells the one broker.</summary>
internal sealed class DescribeClusterHandler : Handler<DescribeClusterRequest, DescribeClusterResponse>
{
    private const sbyte Brokers = 1;

    protected override ValueTask<DescribeClusterResponse?> HandleAsync(DescribeClusterRequest request, RequestContext context)
    {
        if (request.EndpointType != Brokers)
        {
            return new(new DescribeClusterResponse
            {
                ErrorCode = (short)ErrorCode.UnsupportedEndpointType,
                ErrorMessage = "There are no controllers of their own; ask for brokers.",
                EndpointType = request.EndpointType,
            });
        }

        Address address = context.Advertised;
        int node = context.Broker.Options.NodeId;
        return new(new DescribeClusterResponse
        {
            EndpointType = Brokers,
            ClusterId = context.Broker.ClusterId,
            ControllerId = node,
            Brokers = [new() { BrokerId = node, Host = address.Host, Port = address.Port }],
            ClusterAuthorizedOperations = context.Operations(ResourceKind.Cluster, BrokerServices.ClusterResource, request.IncludeClusterAuthorizedOperations),
        });
    }
}
