using System.CommandLine;
using Pipelines.Cli.Cluster;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;

namespace Pipelines.Cli.Commands.Topics;

/// <summary><c>pipelines topics delete</c>.</summary>
internal static class DeleteTopics
{
    private const short FirstVersionOfStates = 6;

    internal static Command Create(CommandHost host)
    {
        var names = new Argument<string[]>("topic") { Description = "Topics to delete, with all their records.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("delete", "Deletes topics.") { names };
        return host.Complete(command, (parsed, session) => DeleteAsync(session, parsed.GetValue(names)!), "pipelines topics delete ticks");
    }

    private static async Task DeleteAsync(Session session, string[] names)
    {
        BrokerConnection controller = await session.Client.ControllerAsync(session.Stop);
        var request = new DeleteTopicsRequest { TimeoutMs = 20_000 };
        if (controller.VersionOf(ApiKey.DeleteTopics) >= FirstVersionOfStates) request.Topics = [.. names.Distinct().Select(static name => new DeleteTopicsRequest.DeleteTopicState { Name = name })];
        else request.TopicNames = [.. names.Distinct()];
        DeleteTopicsResponse answer = await controller.SendAsync(request, cancellation: session.Stop);
        foreach (DeleteTopicsResponse.DeletableTopicResult topic in answer.Responses.Where(static topic => topic.ErrorCode == 0))
            session.Say($"Deleted topic '{topic.Name}'.", ("topic", topic.Name), ("result", "deleted"));
        foreach (DeleteTopicsResponse.DeletableTopicResult topic in answer.Responses) Errors.Check(topic.ErrorCode, $"Topic '{topic.Name}'", topic.ErrorMessage);
    }
}
