using Pipelines.Broker.Log;

namespace Pipelines.Soak.Brokers.Clients;

/// <summary>Who commits offsets of a group (KIP-447).</summary>
/// <param name="MemberId">The member's id.</param>
/// <param name="Generation">The generation that it was told last.</param>
/// <param name="InstanceId">The static member's name, or null.</param>
internal readonly record struct Claim(string MemberId, int Generation, string? InstanceId)
{
    /// <summary>Who is no member of the group.</summary>
    internal static Claim Nobody { get; } = new("", -1, null);
}

/// <summary>Offsets of a group that are part of a transaction.</summary>
/// <param name="Group">The group.</param>
/// <param name="Offsets">Where it goes on, by partition.</param>
/// <param name="Claim">Who commits them.</param>
internal sealed record GroupCommit(string Group, IReadOnlyDictionary<TopicPartition, long> Offsets, Claim Claim);
