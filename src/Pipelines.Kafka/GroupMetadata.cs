using System.Text.Json;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Wire;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Groups;

namespace Pipelines.Kafka;

/// <summary>What a commit says about who commits (KIP-447).</summary>
/// <param name="MemberId">The member's id in the group.</param>
/// <param name="Generation">The generation that it is in.</param>
/// <param name="InstanceId">The static member's name, or null.</param>
internal readonly record struct GroupClaim(string MemberId, int Generation, string? InstanceId)
{
    /// <summary>Whoever commits for a group without members.</summary>
    internal static GroupClaim Nobody { get; } = new("", -1, null);
}

/// <summary>What members tell their leader and get from it, in the format of ordinary consumers, so that tools for consumer groups show it.</summary>
/// <remarks>Source: consumer protocol, subscription and assignment version 3. The topics that are read together are the subscription's user data, as JSON, and the assignment's too.</remarks>
internal static class GroupMetadata
{
    private const short Version = 3;

    internal static ReadOnlyMemory<byte> Subscribe(IReadOnlyList<IReadOnlyList<string>> sets, IEnumerable<PartitionId> held, int generation) => Write(new ConsumerProtocolSubscription
    {
        Topics = [.. sets.SelectMany(static set => set)],
        UserData = WriteSets(sets),
        OwnedPartitions = [.. held.GroupBy(static partition => partition.Topic, StringComparer.Ordinal).Select(static topic =>
            new ConsumerProtocolSubscription.TopicPartition { Topic = topic.Key, Partitions = [.. topic.Select(static partition => partition.Partition)] })],
        GenerationId = generation,
    });

    /// <exception cref="MalformedMessageException">The member is no worker of ours.</exception>
    internal static GroupCandidate ReadSubscription(string memberId, ReadOnlyMemory<byte> metadata)
    {
        var reader = new MessageReader(metadata, isFlexible: false);
        var subscription = new ConsumerProtocolSubscription();
        subscription.Read(ref reader, Math.Clamp(reader.ReadInt16(), (short)0, Version));
        return new GroupCandidate(
            memberId,
            // Not ours: each topic by itself.
            ReadSets(subscription.UserData) ?? [.. subscription.Topics.Select(static topic => new[] { topic })],
            [.. subscription.OwnedPartitions.SelectMany(static topic => topic.Partitions.Select(partition => new PartitionId(topic.Topic, partition)))],
            subscription.GenerationId);
    }

    internal static ReadOnlyMemory<byte> Assign(GroupAssignment given) => Write(new ConsumerProtocolAssignment
    {
        AssignedPartitions = [.. given.Partitions.GroupBy(static partition => partition.Topic, StringComparer.Ordinal).Select(static topic =>
            new ConsumerProtocolAssignment.TopicPartition { Topic = topic.Key, Partitions = [.. topic.Select(static partition => partition.Partition)] })],
        UserData = WriteSets(given.TopicSets ?? []),
    });

    /// <exception cref="MalformedMessageException">The leader is no worker of ours.</exception>
    internal static GroupAssignment ReadAssignment(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty) return new GroupAssignment([], null);
        var reader = new MessageReader(bytes, isFlexible: false);
        var assignment = new ConsumerProtocolAssignment();
        assignment.Read(ref reader, Math.Clamp(reader.ReadInt16(), (short)0, Version));
        return new GroupAssignment(
            [.. assignment.AssignedPartitions.SelectMany(static topic => topic.Partitions.Select(partition => new PartitionId(topic.Topic, partition)))],
            ReadSets(assignment.UserData));
    }

    private static byte[] WriteSets(IReadOnlyList<IReadOnlyList<string>> sets) =>
        JsonSerializer.SerializeToUtf8Bytes(sets.Select(static set => set.ToArray()).ToArray(), GroupJson.Default.StringArrayArray);

    private static string[][]? ReadSets(ReadOnlyMemory<byte>? data)
    {
        try
        {
            return data is { IsEmpty: false } json ? JsonSerializer.Deserialize(json.Span, GroupJson.Default.StringArrayArray) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ReadOnlyMemory<byte> Write(IMessage message)
    {
        using var writer = new MessageWriter();
        writer.WriteInt16(Version);
        message.Write(writer, Version);
        return writer.Written.ToArray();
    }
}
