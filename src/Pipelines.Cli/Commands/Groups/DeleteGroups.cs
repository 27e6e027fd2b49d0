using System.CommandLine;
using Pipelines.Cli.Cluster;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;

namespace Pipelines.Cli.Commands.Groups;

/// <summary><c>pipelines groups delete</c>.</summary>
internal static class DeleteGroups
{
    internal static Command Create(CommandHost host)
    {
        var names = new Argument<string[]>("group") { Description = "Groups to delete, with their committed offsets. They must have no members.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("delete", "Deletes groups.") { names };
        return host.Complete(command, (parsed, session) => DeleteAsync(session, parsed.GetValue(names)!), "pipelines groups delete billing");
    }

    private static async Task DeleteAsync(Session session, string[] names)
    {
        foreach (string name in names.Distinct())
        {
            DeleteGroupsResponse answer = await session.AskCoordinatorAsync(
                CoordinatorKind.Group, name, new DeleteGroupsRequest { GroupsNames = [name] }, static answer => answer.Results.Select(static group => group.ErrorCode).FirstOrDefault());
            foreach (DeleteGroupsResponse.DeletableGroupResult group in answer.Results) Errors.Check(group.ErrorCode, $"Group '{name}'");
            session.Say($"Deleted group '{name}'.", ("group", name), ("result", "deleted"));
        }
    }
}
