using Pipelines.Broker.Groups;

namespace Pipelines.Broker.Tests.Groups;

internal enum ClientPhase
{
    Down = 0,
    Idle = 1,
    Joining = 2,
    Syncing = 3,
    Active = 4,

    /// <summary>Fenced: it stops, as a consumer does.</summary>
    Dead = 5,
}

/// <summary>A consumer as far as a group sees it.</summary>
internal sealed class GroupClient(int number, string? instance, bool asksFirst, bool canSkip)
{
    private int changes;

    internal int Number => number;

    internal string? Instance => instance;

    internal ClientPhase Phase { get; set; }

    internal string MemberId { get; set; } = "";

    internal int Generation { get; set; } = -1;

    internal int[] Owned { get; set; } = [];

    internal Reply<JoinReply>? JoinReply { get; set; }

    internal Reply<SyncReply>? SyncReply { get; set; }

    /// <summary>Requests whose answers nobody waits for; they must be answered all the same.</summary>
    internal List<Func<bool>> Abandoned { get; } = [];

    internal void Start()
    {
        MemberId = "";
        Phase = ClientPhase.Idle;
    }

    internal void Join(GroupHarness world, Action<JoinReply> seen)
    {
        Owned = [];
        Phase = ClientPhase.Joining;
        JoinReply = world.Join(GroupHarness.Request(MemberId, instance, metadata: $"v{changes}", session: 10, rebalance: 15, asksFirst: asksFirst && instance is null, canSkip: canSkip), seen);
    }

    internal void Sync(GroupHarness world, List<(string, string)> shares, Action<SyncReply> seen)
    {
        Phase = ClientPhase.Syncing;
        SyncReply = world.Sync(GroupHarness.SyncRequest(MemberId, Generation, instance, shares), seen);
    }

    /// <summary>It wants other topics.</summary>
    internal void Change()
    {
        changes++;
        Phase = ClientPhase.Idle;
    }

    internal void Disconnect()
    {
        Abandon();
        Phase = ClientPhase.Idle;
    }

    internal void Crash()
    {
        Abandon();
        Owned = [];
        Generation = -1;
        Phase = ClientPhase.Down;
    }

    /// <summary>Whatever it waited for will not come.</summary>
    internal void BrokerDied()
    {
        Abandoned.Clear();
        JoinReply = null;
        SyncReply = null;
        if (Phase is ClientPhase.Joining or ClientPhase.Syncing) Phase = ClientPhase.Idle;
    }

    internal void Obey(ErrorCode error)
    {
        Owned = [];
        switch (error)
        {
            case ErrorCode.UnknownMemberId:
                MemberId = "";
                Phase = ClientPhase.Idle;
                break;
            case ErrorCode.FencedInstanceId:
                MemberId = "";
                Phase = ClientPhase.Dead;
                break;
            case ErrorCode.MemberIdRequired or ErrorCode.IllegalGeneration or ErrorCode.RebalanceInProgress or ErrorCode.CoordinatorNotAvailable:
                Phase = ClientPhase.Idle;
                break;
            default:
                Assert.Fail($"client {number} was told {error}");
                break;
        }
    }

    private void Abandon()
    {
        if (JoinReply is { } join) Abandoned.Add(() => join.IsThere);
        if (SyncReply is { } sync) Abandoned.Add(() => sync.IsThere);
        JoinReply = null;
        SyncReply = null;
    }
}
