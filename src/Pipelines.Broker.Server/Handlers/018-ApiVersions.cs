using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Tells what is served, from the same declarations as the codecs.</summary>
/// <remarks>Source: KIP-35, KIP-511, KIP-584. A version that is not served is answered in version 0, so that the client can ask again.</remarks>
internal sealed class ApiVersionsHandler : Handler<ApiVersionsRequest, ApiVersionsResponse>
{
    private const string TransactionVersion = "transaction.version";
    private const short LatestTransactionVersion = 2;
    private const short FirstVersionOfLowestZero = 4;

    protected override ValueTask<ApiVersionsResponse?> HandleAsync(ApiVersionsRequest request, RequestContext context)
    {
        if (!Api.Of(ApiKey.ApiVersions).Served.Contains(context.Version))
        {
            return new(new ApiVersionsResponse
            {
                ErrorCode = (short)ErrorCode.UnsupportedVersion,
                ApiKeys = [Describe(Api.Of(ApiKey.ApiVersions))],
            });
        }

        return new(new ApiVersionsResponse
        {
            ApiKeys = [.. Api.All.Where(static api => !api.Served.IsEmpty).Select(Describe)],
            // Clients of version 3 cannot read a lowest version of 0 (KAFKA-17011).
            SupportedFeatures =
            [
                new() { Name = TransactionVersion, MinVersion = context.Version >= FirstVersionOfLowestZero ? (short)0 : (short)1, MaxVersion = LatestTransactionVersion },
            ],
            FinalizedFeaturesEpoch = 1,
            FinalizedFeatures = [new() { Name = TransactionVersion, MinVersionLevel = LatestTransactionVersion, MaxVersionLevel = LatestTransactionVersion }],
        });
    }

    private static ApiVersionsResponse.ApiVersion Describe(Api api) =>
        new() { ApiKey = (short)api.Key, MinVersion = api.Advertised.First, MaxVersion = api.Advertised.Last };
}
