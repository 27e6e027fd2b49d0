namespace Pipelines.Broker.Groups;

/// <summary>A member of a group.</summary>
internal sealed class GroupMember(string id, string? instanceId, Deadline session)
{
    internal string Id => id;

    /// <summary>The name that a static member chose, or null for a dynamic one.</summary>
    internal string? InstanceId => instanceId;

    internal string ClientId { get; set; } = "";

    internal string ClientHost { get; set; } = "";

    internal TimeSpan SessionTimeout { get; set; }

    internal TimeSpan RebalanceTimeout { get; set; }

    internal IReadOnlyList<GroupProtocol> Protocols { get; set; } = [];

    /// <summary>The last generation that it is part of; a newcomer is part of none.</summary>
    internal int Generation { get; set; } = -1;

    internal ReadOnlyMemory<byte> Assignment { get; set; }

    /// <summary>The end of its session; moved by every sign of life.</summary>
    internal Deadline Session => session;

    /// <summary>The join that is not answered yet: the member takes part in the generation that begins.</summary>
    internal Action<JoinReply>? Joining { get; set; }

    /// <summary>The sync that is not answered yet.</summary>
    internal Action<SyncReply>? Syncing { get; set; }

    /// <summary>True until its first join is answered.</summary>
    internal bool IsNew { get; set; }

    internal bool Knows(string protocol)
    {
        foreach (GroupProtocol known in Protocols)
        {
            if (known.Name == protocol) return true;
        }

        return false;
    }

    internal ReadOnlyMemory<byte> MetadataOf(string? protocol)
    {
        foreach (GroupProtocol known in Protocols)
        {
            if (known.Name == protocol) return known.Metadata;
        }

        return default;
    }

    /// <summary>True when these are the protocols that it has told already, byte for byte.</summary>
    internal bool HasSame(IReadOnlyList<GroupProtocol> protocols)
    {
        if (protocols.Count != Protocols.Count) return false;
        for (int i = 0; i < protocols.Count; i++)
        {
            if (protocols[i].Name != Protocols[i].Name || !protocols[i].Metadata.Span.SequenceEqual(Protocols[i].Metadata.Span)) return false;
        }

        return true;
    }

    internal void Take(JoinRequest request)
    {
        ClientId = request.ClientId;
        ClientHost = request.ClientHost;
        SessionTimeout = request.SessionTimeout;
        RebalanceTimeout = request.RebalanceTimeout is { } timeout && timeout >= TimeSpan.Zero ? timeout : request.SessionTimeout;
        Protocols = request.Protocols;
    }

    internal MemberSnapshot Snapshot(ReadOnlyMemory<byte> assignment) =>
        new(Id, InstanceId, ClientId, ClientHost, SessionTimeout, RebalanceTimeout, Protocols, assignment);
}
