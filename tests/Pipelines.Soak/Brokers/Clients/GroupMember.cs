using Pipelines.Broker;
using Pipelines.Broker.Log;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;

namespace Pipelines.Soak.Brokers.Clients;

/// <summary>A member of the copiers' group, as consumers were before KIP-848: it joins, takes its share, says now and then that it is there, and leaves.</summary>
/// <remarks>
/// Out => In: joined and synced. In => Out: told that members change, or that it is none any more; in the latter case it has nothing either. A static member's id is lost with it, not its name.
/// </remarks>
/// <param name="stage">The round.</param>
/// <param name="name">What it calls itself.</param>
/// <param name="instanceId">The static member's name, or null.</param>
/// <param name="isNew">False to speak as clients did before flexible versions.</param>
internal sealed class GroupMember(Stage stage, string name, string? instanceId, bool isNew) : IAsyncDisposable
{
    /// <summary>The group.</summary>
    internal const string Group = "copiers";

    /// <summary>How long those that are away are waited for.</summary>
    internal static readonly TimeSpan RebalanceTimeout = TimeSpan.FromSeconds(2);

    private const short OldJoin = 5;
    private const short OldOthers = 3;
    private const int HeartbeatMs = 100;

    // A join is answered when all have joined.
    private readonly Link link = stage.Link(name, RebalanceTimeout + TimeSpan.FromSeconds(1.5));
    private string memberId = "";
    private int generation = -1;
    private bool isIn;
    private long nextHeartbeat;

    /// <summary>What it says when it commits.</summary>
    internal Claim Claim => new(memberId, generation, instanceId);

    /// <summary>By what others know it in the ledger.</summary>
    internal string Owner => instanceId ?? memberId;

    /// <summary>Its share.</summary>
    internal HashSet<TopicPartition> Owned { get; private set; } = [];

    /// <summary>Told what is left of its share whenever it loses or gives up some; what it gets is told by nobody.</summary>
    internal Action<IReadOnlySet<TopicPartition>>? Kept { get; set; }

    /// <summary>The answers that say that it is no member, or not of this generation.</summary>
    internal static bool IsFencing(ErrorCode error) => error is ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration or ErrorCode.FencedInstanceId;

    /// <summary>Says that it is there if it is time to, and joins when it has to. Afterwards <see cref="Owned"/> is what it may read.</summary>
    internal async Task StayAsync(CancellationToken cancellation)
    {
        if (isIn && Environment.TickCount64 >= nextHeartbeat)
        {
            int before = stage.Ledger.Groups.Generation(Group);
            ErrorCode error = await link.AnswerAsync(async connection => (ErrorCode)(await connection.SendAsync(
                new HeartbeatRequest { GroupId = Group, GenerationId = generation, MemberId = memberId, GroupInstanceId = instanceId }, isNew ? null : OldOthers, cancellation)).ErrorCode, cancellation);
            nextHeartbeat = Environment.TickCount64 + HeartbeatMs;
            if (error == ErrorCode.None) stage.Ledger.Groups.SawTaken("Heartbeat", Claim, before);
            else Leave(error);
        }

        while (!isIn)
        {
            if (!stage.IsCooperative) Keep([]);
            await FindAsync(cancellation);
            if (await JoinAsync(cancellation) is { } joined) await SyncAsync(joined, cancellation);
        }
    }

    /// <summary>It was refused: what it had may be another's.</summary>
    internal void Leave(ErrorCode error)
    {
        isIn = false;
        if (!IsFencing(error)) return;
        stage.Ledger.Groups.SawFenced();
        Keep([]);
        generation = -1;
        if (error != ErrorCode.IllegalGeneration) memberId = "";
    }

    /// <summary>Leaves, and remembers nothing of it: whoever goes on after that is a zombie.</summary>
    internal Task QuitAsync(CancellationToken cancellation) => link.AnswerAsync(async connection => (ErrorCode)(await connection.SendAsync(
        new LeaveGroupRequest { GroupId = Group, Members = [new() { MemberId = memberId, GroupInstanceId = instanceId }] }, isNew ? null : OldOthers, cancellation)).ErrorCode, cancellation);

    public ValueTask DisposeAsync() => link.DisposeAsync();

    /// <summary>Where the coordinator is; the way there goes by the proxy, whatever it says.</summary>
    private Task FindAsync(CancellationToken cancellation) => link.AskAsync("FindCoordinator", async connection => (ErrorCode)(await connection.SendAsync(
        new FindCoordinatorRequest { CoordinatorKeys = [Group] }, cancellation: cancellation)).Coordinators.Single().ErrorCode, cancellation);

    private async Task<JoinGroupResponse?> JoinAsync(CancellationToken cancellation)
    {
        JoinGroupResponse? answer = null;
        int before = 0;
        ErrorCode error = await link.AnswerAsync(async connection =>
        {
            before = stage.Ledger.Groups.Generation(Group);
            answer = await connection.SendAsync(
                new JoinGroupRequest
                {
                    GroupId = Group,
                    SessionTimeoutMs = (int)stage.Session.TotalMilliseconds,
                    RebalanceTimeoutMs = (int)RebalanceTimeout.TotalMilliseconds,
                    MemberId = memberId,
                    GroupInstanceId = instanceId,
                    ProtocolType = "consumer",
                    Protocols = [new() { Name = stage.IsCooperative ? "cooperative-range" : "range", Metadata = GroupShares.Subscribe(Owned, generation) }],
                },
                isNew ? null : OldJoin,
                cancellation);
            return (ErrorCode)answer.ErrorCode;
        }, cancellation);
        if (error == ErrorCode.None)
        {
            (memberId, generation) = (answer!.MemberId, answer.GenerationId);
            stage.Ledger.Groups.SawJoin(Group, Claim, before);
            return answer;
        }

        if (error == ErrorCode.MemberIdRequired) memberId = answer!.MemberId;
        else if (error != ErrorCode.RebalanceInProgress && !IsFencing(error)) throw new RefusedException("JoinGroup", error);
        else Leave(error);
        return null;
    }

    private async Task SyncAsync(JoinGroupResponse joined, CancellationToken cancellation)
    {
        var request = new SyncGroupRequest { GroupId = Group, GenerationId = generation, MemberId = memberId, GroupInstanceId = instanceId, ProtocolType = joined.ProtocolType, ProtocolName = joined.ProtocolName };
        if (joined.Leader == memberId && !joined.SkipAssignment)
        {
            foreach ((string id, List<TopicPartition> share) in GroupShares.Share(joined.Members, stage.IsCooperative))
            {
                request.Assignments.Add(new() { MemberId = id, Assignment = GroupShares.Assign(share) });
                stage.Ledger.Groups.Give(generation, joined.Members.First(one => one.MemberId == id).GroupInstanceId ?? id, share);
            }
        }

        SyncGroupResponse? answer = null;
        ErrorCode error = await link.AnswerAsync(async connection =>
        {
            answer = await connection.SendAsync(request, isNew ? null : OldOthers, cancellation);
            return (ErrorCode)answer.ErrorCode;
        }, cancellation);
        if (error != ErrorCode.None)
        {
            Leave(error);
            return;
        }

        HashSet<TopicPartition> mine = GroupShares.ReadAssignment(answer!.Assignment);
        stage.Ledger.Groups.SawShare(generation, Owner, mine);
        // Letting go of something makes room for its next owner, which gets it when all have joined again.
        isIn = Owned.IsSubsetOf(mine);
        Keep([.. Owned.Intersect(mine)]);
        Owned = mine;
        nextHeartbeat = Environment.TickCount64 + HeartbeatMs;
    }

    private void Keep(HashSet<TopicPartition> kept)
    {
        Owned = kept;
        Kept?.Invoke(kept);
    }
}
