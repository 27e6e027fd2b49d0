using System.CommandLine;
using Pipelines.Cli.Commands.Groups;

namespace Pipelines.Cli.Commands;

/// <summary><c>pipelines groups</c>.</summary>
internal static class GroupsCommand
{
    internal static Command Create(CommandHost host) => CommandHost.Group(
        "groups", "Lists, describes and deletes consumer groups.", ListGroups.Create(host), DescribeGroups.Create(host), DeleteGroups.Create(host));
}
