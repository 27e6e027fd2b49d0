using Pipelines.Broker.Server.Requests;
using Pipelines.Broker.Topics;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Deletes topics, by name or by id; answered when that is durable, whatever the time-out.</summary>
/// <remarks>Source: KIP-516 for ids. A topic is told to be unknown to who may not know of it.</remarks>
internal sealed class DeleteTopicsHandler : Handler<DeleteTopicsRequest, DeleteTopicsResponse>
{
    private const short FirstVersionWithIds = 6;

    protected override async ValueTask<DeleteTopicsResponse?> HandleAsync(DeleteTopicsRequest request, RequestContext context)
    {
        var response = new DeleteTopicsResponse();
        if (context.Version < FirstVersionWithIds)
        {
            foreach (string name in request.TopicNames.Distinct(StringComparer.Ordinal)) response.Responses.Add(await DeleteAsync(name, Guid.Empty, context));
            return response;
        }

        foreach (DeleteTopicsRequest.DeleteTopicState topic in request.Topics)
        {
            bool isRepeated = response.Responses.Exists(answer => topic.Name is null ? answer.TopicId == topic.TopicId : answer.Name == topic.Name);
            if (topic.Name is not null && topic.TopicId != Guid.Empty)
                response.Responses.Add(Answer(topic.Name, topic.TopicId, ErrorCode.InvalidRequest, "A topic is named by its name or by its id, not by both."));
            else if (!isRepeated)
                response.Responses.Add(await DeleteAsync(topic.Name, topic.TopicId, context));
        }

        return response;
    }

    private static async ValueTask<DeleteTopicsResponse.DeletableTopicResult> DeleteAsync(string? name, Guid id, RequestContext context)
    {
        TopicDescription? topic = name is null ? context.Engine.FindTopic(id) : context.Engine.FindTopic(name);
        if (topic is null)
        {
            return name is null ? Answer(null, id, ErrorCode.UnknownTopicId, "There is no topic of that id.")
                : Answer(name, id, context.Allows(Operation.Describe, ResourceKind.Topic, name) ? ErrorCode.UnknownTopicOrPartition : ErrorCode.TopicAuthorizationFailed, null);
        }

        if (!context.Allows(Operation.Describe, ResourceKind.Topic, topic.Name))
            return Answer(name, id, name is null ? ErrorCode.UnknownTopicId : ErrorCode.TopicAuthorizationFailed, null);
        if (!context.Allows(Operation.Delete, ResourceKind.Topic, topic.Name))
            return Answer(topic.Name, topic.Id, ErrorCode.TopicAuthorizationFailed, "The principal may not delete the topic.");
        ErrorCode error = await context.Engine.DeleteTopicAsync(topic.Name, topic.Id);
        return Answer(topic.Name, topic.Id, error, null);
    }

    private static DeleteTopicsResponse.DeletableTopicResult Answer(string? name, Guid id, ErrorCode error, string? message) =>
        new() { Name = name, TopicId = id, ErrorCode = (short)error, ErrorMessage = message };
}
