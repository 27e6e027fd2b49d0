using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Replaces all settings of topics and groups.</summary>
/// <remarks>Source: KIP-133. Superseded by IncrementalAlterConfigs, which leaves the others as they are.</remarks>
internal sealed class AlterConfigsHandler : Handler<AlterConfigsRequest, AlterConfigsResponse>
{
    protected override async ValueTask<AlterConfigsResponse?> HandleAsync(AlterConfigsRequest request, RequestContext context)
    {
        var response = new AlterConfigsResponse { Responses = new(request.Resources.Count) };
        foreach (AlterConfigsRequest.AlterConfigsResource resource in request.Resources)
        {
            (ErrorCode error, string? message) = await SettingsAlteration.RunAsync(
                resource.ResourceType,
                resource.ResourceName,
                [.. resource.Configs.Select(static config => (config.Name, AlterOperation.Set, config.Value))],
                keepsOthers: false,
                request.ValidateOnly,
                context);
            response.Responses.Add(new() { ResourceType = resource.ResourceType, ResourceName = resource.ResourceName, ErrorCode = (short)error, ErrorMessage = message });
        }

        return response;
    }
}
