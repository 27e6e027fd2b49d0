using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Changes single settings of topics and groups.</summary>
/// <remarks>Source: KIP-339.</remarks>
internal sealed class IncrementalAlterConfigsHandler : Handler<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>
{
    protected override async ValueTask<IncrementalAlterConfigsResponse?> HandleAsync(IncrementalAlterConfigsRequest request, RequestContext context)
    {
        var response = new IncrementalAlterConfigsResponse { Responses = new(request.Resources.Count) };
        foreach (IncrementalAlterConfigsRequest.AlterConfigsResource resource in request.Resources)
        {
            (ErrorCode error, string? message) = await SettingsAlteration.RunAsync(
                resource.ResourceType,
                resource.ResourceName,
                [.. resource.Configs.Select(static config => (config.Name, (AlterOperation)config.ConfigOperation, config.Value))],
                keepsOthers: true,
                request.ValidateOnly,
                context);
            response.Responses.Add(new() { ResourceType = resource.ResourceType, ResourceName = resource.ResourceName, ErrorCode = (short)error, ErrorMessage = message });
        }

        return response;
    }
}
