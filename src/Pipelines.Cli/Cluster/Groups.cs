using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;

namespace Pipelines.Cli.Cluster;

/// <summary>Questions about groups.</summary>
internal static class Groups
{
    private const string Dead = "Dead";

    /// <summary>The state and the members of a group; null when there is no such group.</summary>
    internal static async Task<DescribeGroupsResponse.DescribedGroup?> FindAsync(Session session, string group)
    {
        DescribeGroupsResponse answer = await session.AskCoordinatorAsync(
            CoordinatorKind.Group, group, new DescribeGroupsRequest { Groups = [group] }, static answer => answer.Groups.Select(static one => one.ErrorCode).FirstOrDefault());
        DescribeGroupsResponse.DescribedGroup found = answer.Groups.Count > 0 ? answer.Groups[0] : new() { GroupState = Dead };
        // Newer brokers say that there is none, older ones that it is dead; offsets without a group have no state either.
        if (found.ErrorCode == (short)Broker.ErrorCode.GroupIdNotFound || (found.ErrorCode == 0 && found.GroupState == Dead)) return null;
        Errors.Check(found.ErrorCode, $"Group '{group}'", found.ErrorMessage);
        return found;
    }

    /// <summary>Refuses while a group has members: they would not notice that somebody else moves their offsets.</summary>
    /// <exception cref="CommandException">It has.</exception>
    internal static async Task RequireNoMembersAsync(Session session, string group)
    {
        if (await FindAsync(session, group) is { Members.Count: > 0 } busy)
            throw new CommandException($"Group '{group}' is {busy.GroupState} with {Output.Plural.Of(busy.Members.Count, "member")}, who decide about its offsets. Stop them first; see 'pipelines groups describe {group}'.");
    }
}
