using System.CommandLine;
using Pipelines.Broker.Log;
using Pipelines.Cli.Cluster;
using Pipelines.Cli.Output;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Wire;
using Member = Pipelines.Protocol.Messages.DescribeGroupsResponse.DescribedGroupMember;

namespace Pipelines.Cli.Commands.Groups;

/// <summary><c>pipelines groups describe</c>: who reads which partition, and how far behind.</summary>
internal static class DescribeGroups
{
    internal static Command Create(CommandHost host)
    {
        var names = new Argument<string[]>("group") { Description = "Groups to describe.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("describe", "Shows state, members, assignment and lag of each partition.") { names };
        return host.Complete(
            command,
            (parsed, session) => DescribeAsync(session, parsed.GetValue(names)!),
            "pipelines groups describe billing",
            "pipelines groups describe billing --json | jq 'select(.lag > 1000)'");
    }

    private static async Task DescribeAsync(Session session, string[] names)
    {
        Report report = session.Report("group", "state", "topic", "partition", "committed", "end", "lag", "member", "client", "host");
        foreach (string name in names.Distinct()) await AddAsync(session, report, name);
        report.Finish("The groups have neither members nor committed offsets.");
    }

    private static async Task AddAsync(Session session, Report report, string name)
    {
        DescribeGroupsResponse.DescribedGroup? group = await Cluster.Groups.FindAsync(session, name);
        SortedDictionary<TopicPartition, Committed> committed = await GroupOffsets.ReadAsync(session, name);
        if (group is null && committed.Count == 0) throw new CommandException($"There is no group '{name}'; see 'pipelines groups list'.");
        // A group of the newer protocol (KIP-848) tells its members only to those who speak it; its offsets it tells everybody.
        string state = group?.GroupState ?? "-";
        Dictionary<TopicPartition, Member> owners = Owners(group);
        TopicPartition[] partitions = [.. committed.Keys.Union(owners.Keys).OrderBy(static partition => partition.Topic, StringComparer.Ordinal).ThenBy(static partition => partition.Partition)];
        Dictionary<TopicPartition, long> ends = await GroupLag.EndsAsync(session, partitions);
        foreach (TopicPartition partition in partitions)
        {
            owners.TryGetValue(partition, out Member? owner);
            long? offset = committed.TryGetValue(partition, out Committed found) ? found.Offset : null;
            long? end = ends.TryGetValue(partition, out long last) ? last : null;
            report.Add(name, state, partition.Topic, partition.Partition, offset, end, GroupLag.Of(offset, end), owner?.MemberId, owner?.ClientId, owner?.ClientHost);
        }

        foreach (Member idle in (group?.Members ?? []).Where(member => !owners.ContainsValue(member)))
            report.Add(name, state, null, null, null, null, null, idle.MemberId, idle.ClientId, idle.ClientHost);
        if (partitions.Length == 0 && group is { Members.Count: 0 }) report.Add(name, state, null, null, null, null, null, null, null, null);
    }

    private static Dictionary<TopicPartition, Member> Owners(DescribeGroupsResponse.DescribedGroup? group)
    {
        var owners = new Dictionary<TopicPartition, Member>();
        // Other protocols, such as that of Kafka Connect, put something else there.
        if (group is not { ProtocolType: "consumer" }) return owners;
        foreach (Member member in group.Members.Where(static member => !member.MemberAssignment.IsEmpty))
        {
            foreach (ConsumerProtocolAssignment.TopicPartition topic in Assignment(member).AssignedPartitions)
                foreach (int partition in topic.Partitions) owners[new(topic.Topic, partition)] = member;
        }

        return owners;
    }

    private static ConsumerProtocolAssignment Assignment(Member member)
    {
        var assignment = new ConsumerProtocolAssignment();
        try
        {
            var reader = new MessageReader(member.MemberAssignment, isFlexible: false);
            short version = reader.ReadInt16();
            assignment.Read(ref reader, Math.Clamp(version, (short)0, (short)3));
        }
        catch (MalformedMessageException)
        {
            // Clients put there what they like; the member is shown without partitions.
            assignment.AssignedPartitions = [];
        }

        return assignment;
    }
}
