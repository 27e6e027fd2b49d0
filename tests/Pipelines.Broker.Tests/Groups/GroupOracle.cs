using Pipelines.Broker.Groups;

namespace Pipelines.Broker.Tests.Groups;

/// <summary>Judges from the answers alone whether I17 holds.</summary>
internal sealed class GroupOracle(GroupRun.Counts seen)
{
    private readonly Dictionary<int, List<Dictionary<string, string>>> proposals = [];
    private readonly Dictionary<int, HashSet<string>> rosters = [];
    private readonly Dictionary<string, string> keys = [];
    private readonly Dictionary<string, string> holders = [];
    private readonly Dictionary<string, int> outUntil = [];
    private int latest;

    /// <summary>A member was told a generation: a new one, or the last one once more; never an earlier one.</summary>
    internal void Joined(GroupClient client, JoinReply reply, int life)
    {
        Assert.True(reply.Generation >= latest, $"generation {reply.Generation} was told after {latest}");
        if (reply.Generation > latest) seen.Generations++;
        latest = reply.Generation;
        if (!rosters.TryGetValue(latest, out HashSet<string>? roster)) rosters.Add(latest, roster = []);
        Assert.False(IsOut(reply.MemberId, life), $"{reply.MemberId} was told to be out, and joined");
        roster.Add(reply.MemberId);
        keys[reply.MemberId] = client.Instance ?? reply.MemberId;
        foreach (JoinedMember member in reply.Members)
        {
            roster.Add(member.MemberId);
            keys[member.MemberId] = member.InstanceId ?? member.MemberId;
        }

        if (client.Instance is null) return;
        if (holders.TryGetValue(client.Instance, out string? former) && former != reply.MemberId)
        {
            seen.TakeOvers++;
            // For good, also after a restart: the successor was told.
            outUntil[former] = int.MaxValue;
        }

        holders[client.Instance] = reply.MemberId;
    }

    internal void Proposed(JoinReply reply, List<(string MemberId, string Share)> shares)
    {
        if (!proposals.TryGetValue(reply.Generation, out List<Dictionary<string, string>>? known)) proposals.Add(reply.Generation, known = []);
        known.Add(shares.ToDictionary(share => keys[share.MemberId], static share => share.Share));
    }

    /// <summary>All that members of a generation were given comes from one proposal of its leader, so no partition has two owners.</summary>
    internal void Assigned(string memberId, string? instance, int generation, string share)
    {
        Assert.True(rosters[generation].Contains(memberId), $"{memberId} is not in generation {generation} and was given '{share}'");
        Assert.True(proposals.ContainsKey(generation), $"generation {generation} was assigned by nobody");
        List<Dictionary<string, string>> possible = proposals[generation];
        possible.RemoveAll(proposal => proposal.GetValueOrDefault(instance ?? memberId, "") != share);
        Assert.True(possible.Count > 0, $"{memberId} was given '{share}' in generation {generation}, which fits no assignment of its leader together with what others were given");
    }

    /// <summary>A heartbeat, commit or sync was accepted.</summary>
    internal void Accepted(string memberId, int generation, int life)
    {
        Assert.True(generation == latest, $"{memberId} was accepted in generation {generation} after {latest} was told");
        Assert.True(rosters[generation].Contains(memberId), $"{memberId} was accepted in generation {generation}, of which it is no member");
        Assert.False(IsOut(memberId, life), $"{memberId} was told to be out, and was accepted");
    }

    internal void Refused(string memberId, ErrorCode error, int life)
    {
        if (memberId.Length == 0) return;
        if (error == ErrorCode.FencedInstanceId) seen.Fenced++;
        // A restart may take back what no later generation or answer has made known.
        if (error is ErrorCode.UnknownMemberId or ErrorCode.FencedInstanceId) outUntil[memberId] = Math.Max(outUntil.GetValueOrDefault(memberId), life);
    }

    private bool IsOut(string memberId, int life) => outUntil.TryGetValue(memberId, out int until) && until >= life;
}
