using System.CommandLine;
using Pipelines.Cli.Commands.Offsets;

namespace Pipelines.Cli.Commands;

/// <summary><c>pipelines offsets</c>.</summary>
internal static class OffsetsCommand
{
    internal static Command Create(CommandHost host) => CommandHost.Group(
        "offsets", "Shows and moves the committed offsets of groups.", GetOffsets.Create(host), SetOffsets.Create(host), ResetOffsets.Create(host), DeleteOffsets.Create(host));

    /// <summary>The option that every command about offsets has.</summary>
    internal static Option<string> GroupOption() => new("--group") { Description = "The group.", Required = true, HelpName = "GROUP" };
}
