using System.CommandLine;
using Pipelines.Cli.Cluster;
using Pipelines.Cli.Output;
using Pipelines.Protocol.Messages;

namespace Pipelines.Cli.Commands.Groups;

/// <summary><c>pipelines groups list</c>.</summary>
internal static class ListGroups
{
    internal static Command Create(CommandHost host) => host.Complete(
        new Command("list", "Lists the groups."), static (_, session) => ListAsync(session), "pipelines groups list", "pipelines groups list --json");

    private static async Task ListAsync(Session session)
    {
        Report report = session.Report("group", "state", "protocol", "type", "coordinator");
        IReadOnlyList<(int NodeId, ListGroupsResponse Answer)> answers = await session.AskAllAsync(new ListGroupsRequest());
        foreach ((_, ListGroupsResponse answer) in answers) Errors.Check(answer.ErrorCode, "The groups");
        foreach ((int node, ListGroupsResponse.ListedGroup group) in answers
            .SelectMany(static answer => answer.Answer.Groups.Select(group => (answer.NodeId, group)))
            .OrderBy(static pair => pair.group.GroupId, StringComparer.Ordinal))
            report.Add(group.GroupId, OrNull(group.GroupState), OrNull(group.ProtocolType), OrNull(group.GroupType), node);
        report.Finish("There are no groups.");
    }

    private static string? OrNull(string text) => text.Length == 0 ? null : text;
}
