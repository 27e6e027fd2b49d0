using Pipelines.Broker.Log;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Wire;

namespace Pipelines.Soak.Brokers.Clients;

/// <summary>What members tell their leader, and how it shares partitions out: each topic in ranges, as consumers do.</summary>
/// <remarks>
/// Eager members give everything up before they join. Cooperative ones keep what they have (KIP-429): what is another's in the end stays without an owner for one generation, and its
/// former owner joins again when it has let go.
/// </remarks>
internal static class GroupShares
{
    private const short Version = 3;

    internal static ReadOnlyMemory<byte> Subscribe(IEnumerable<TopicPartition> owned, int generation) => Write(new ConsumerProtocolSubscription
    {
        Topics = [.. Topics.Sources.Select(static one => one.Topic).Distinct()],
        OwnedPartitions = [.. owned.GroupBy(static one => one.Topic).Select(static topic =>
            new ConsumerProtocolSubscription.TopicPartition { Topic = topic.Key, Partitions = [.. topic.Select(static one => one.Partition).Order()] })],
        GenerationId = generation,
    });

    /// <summary>The leader's part.</summary>
    /// <param name="members">The members, and what they told.</param>
    /// <param name="isCooperative">True when members keep what they have.</param>
    internal static Dictionary<string, List<TopicPartition>> Share(IReadOnlyList<JoinGroupResponse.JoinGroupResponseMember> members, bool isCooperative)
    {
        string[] ids = [.. members.Select(static one => one.MemberId).Order(StringComparer.Ordinal)];
        Dictionary<TopicPartition, string> owners = isCooperative ? Owners(members) : [];
        Dictionary<string, List<TopicPartition>> shares = ids.ToDictionary(static id => id, static _ => new List<TopicPartition>(), StringComparer.Ordinal);
        foreach (IGrouping<string, TopicPartition> topic in Topics.Sources.GroupBy(static one => one.Topic))
        {
            int count = topic.Count();
            foreach (TopicPartition partition in topic)
            {
                // Rotated by the topic, so that not all topics begin with the same member.
                string wanted = ids[((partition.Partition * ids.Length / count) + topic.Key.Length) % ids.Length];
                if (owners.GetValueOrDefault(partition, wanted) == wanted) shares[wanted].Add(partition);
            }
        }

        return shares;
    }

    internal static ReadOnlyMemory<byte> Assign(IEnumerable<TopicPartition> partitions) => Write(new ConsumerProtocolAssignment
    {
        AssignedPartitions = [.. partitions.GroupBy(static one => one.Topic).Select(static topic =>
            new ConsumerProtocolAssignment.TopicPartition { Topic = topic.Key, Partitions = [.. topic.Select(static one => one.Partition)] })],
    });

    internal static HashSet<TopicPartition> ReadAssignment(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty) return [];
        var assignment = Read<ConsumerProtocolAssignment>(bytes);
        return [.. assignment.AssignedPartitions.SelectMany(static topic => topic.Partitions.Select(index => new TopicPartition(topic.Topic, index)))];
    }

    /// <summary>Who says to have what; of two the one that heard of the later generation.</summary>
    private static Dictionary<TopicPartition, string> Owners(IReadOnlyList<JoinGroupResponse.JoinGroupResponseMember> members)
    {
        var owners = new Dictionary<TopicPartition, string>();
        foreach ((string id, ConsumerProtocolSubscription told) in members.Select(static one => (one.MemberId, Read<ConsumerProtocolSubscription>(one.Metadata))).OrderBy(static one => one.Item2.GenerationId))
        {
            foreach (ConsumerProtocolSubscription.TopicPartition topic in told.OwnedPartitions)
            {
                foreach (int index in topic.Partitions) owners[new TopicPartition(topic.Topic, index)] = id;
            }
        }

        return owners;
    }

    private static T Read<T>(ReadOnlyMemory<byte> bytes) where T : IMessage, new()
    {
        var reader = new MessageReader(bytes, isFlexible: false);
        var message = new T();
        message.Read(ref reader, Math.Min(reader.ReadInt16(), Version));
        return message;
    }

    private static ReadOnlyMemory<byte> Write(IMessage message)
    {
        using var writer = new MessageWriter();
        writer.WriteInt16(Version);
        message.Write(writer, Version);
        return writer.Written.ToArray();
    }
}
