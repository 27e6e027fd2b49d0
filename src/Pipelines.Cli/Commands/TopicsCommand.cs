using System.CommandLine;
using Pipelines.Cli.Commands.Topics;

namespace Pipelines.Cli.Commands;

/// <summary><c>pipelines topics</c>.</summary>
internal static class TopicsCommand
{
    internal static Command Create(CommandHost host) => CommandHost.Group(
        "topics",
        "Lists, creates, changes and deletes topics.",
        ListTopics.Create(host),
        DescribeTopics.Create(host),
        CreateTopic.Create(host),
        AlterTopic.Create(host),
        TrimTopics.Create(host),
        DeleteTopics.Create(host));
}
