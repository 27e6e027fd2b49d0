using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Wire;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Groups;

namespace Pipelines.Kafka;

/// <summary>A member of a consumer group in the classic protocol: joins, keeps its session with heartbeats, and as leader shares the partitions.</summary>
/// <remarks>
/// Members keep what they hold while they join (KIP-429), so commits go on. A heartbeat is left out while a join is under way, as the broker counts the join itself.
/// Sources: JoinGroup v0-9, SyncGroup v0-5, Heartbeat v0-4, LeaveGroup v0-5; KIP-345, KIP-394.
/// </remarks>
internal sealed class KafkaGroupMember : IGroupMember
{
    private const string ConsumerProtocol = "consumer";
    private const string Protocol = "pipelines";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan JoinAllowance = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan JoinPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(5);

    private readonly Cluster cluster;
    private readonly GroupSubscription subscription;
    private readonly InstanceSlot? slot;
    private readonly string? instanceId;
    private readonly Lock gate = new();
    private readonly CancellationTokenSource leaving = new();
    private readonly SemaphoreSlim speaking = new(1, 1);
    private BrokerConnection? connection;
    private Task? heartbeats;
    private GroupClaim claim;
    private TaskCompletionSource<bool> changed = NewChange();
    private TaskCompletionSource? joining;
    private long? withheldAt;

    internal KafkaGroupMember(Cluster cluster, GroupSubscription subscription)
    {
        this.cluster = cluster;
        this.subscription = subscription;
        if (cluster.Options.InstanceId is null) slot = InstanceSlot.TryTake(subscription);
        instanceId = cluster.Options.InstanceId ?? slot?.Name;
        Name = instanceId ?? Guid.NewGuid().ToString("N");
        claim = GroupClaim.Nobody with { InstanceId = instanceId };
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Who the member is in the group now.</summary>
    internal GroupClaim Claim
    {
        get
        {
            lock (gate) return claim;
        }
    }

    private string What => $"Group '{subscription.Group}' cannot be joined";

    private string HeartbeatWhat => $"The session in group '{subscription.Group}' cannot be kept";

    private Right Needed => Right.OnGroup("Read", subscription.Group);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<PartitionId>?> JoinAsync(IReadOnlyCollection<PartitionId> held)
    {
        lock (gate) joining = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await speaking.WaitAsync();
        // A heartbeat that was on its way has been answered: what it said is what is done now.
        lock (gate) changed = NewChange();
        try
        {
            return await JoinUntilAssignedAsync(held);
        }
        finally
        {
            speaking.Release();
            lock (gate) joining?.TrySetResult();
            heartbeats ??= Task.Run(HeartbeatLoopAsync);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> ChangedAsync()
    {
        Task<bool> change;
        lock (gate) change = changed.Task;
        return await change;
    }

    /// <inheritdoc/>
    public void Lose()
    {
        lock (gate)
        {
            claim = claim with { Generation = -1 };
            changed.TrySetResult(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask LeaveAsync()
    {
        if (leaving.IsCancellationRequested) return;
        await EndAsync();
        await speaking.WaitAsync();
        try
        {
            // A static member that the user has named keeps its partitions while it is restarted (KIP-345).
            if (cluster.Options.InstanceId is null && claim.MemberId.Length > 0) await SayGoodbyeAsync();
        }
        catch (BrokerConnectionException)
        {
            // The session's time-out does the same a little later.
        }
        finally
        {
            speaking.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        await speaking.WaitAsync();
        if (connection is not null) await connection.DisposeAsync();
        connection = null;
        slot?.Dispose();
        speaking.Release();
    }

    /// <summary>The claim of the generation after a refused one.</summary>
    /// <returns>Null when the member is out of the group.</returns>
    /// <exception cref="PassingException">The group is changing for longer than that takes when all members hear of it. Whoever is given partitions meanwhile must not wait for a transaction that waits for this.</exception>
    internal async Task<GroupClaim?> NextClaimAsync(GroupClaim refused)
    {
        for (long began = cluster.Options.Clock.GetTimestamp(); cluster.Options.Clock.GetElapsedTime(began) < cluster.Options.HeartbeatInterval + JoinPatience;)
        {
            Task? under;
            lock (gate)
            {
                if (claim.Generation != refused.Generation) return claim.Generation >= 0 && claim.MemberId == refused.MemberId ? claim : null;
                under = joining?.Task;
            }

            if (under is null || under.IsCompleted) return null;
            await Task.WhenAny(under, Task.Delay(TimeSpan.FromMilliseconds(5), cluster.Options.Clock));
        }

        throw new PassingException($"group '{subscription.Group}' is still changing");
    }

    /// <summary>Ends the heartbeats and whatever waits.</summary>
    private async Task EndAsync()
    {
        await leaving.CancelAsync();
        lock (gate) changed.TrySetResult(true);
        if (heartbeats is not null) await heartbeats;
    }

    private static TaskCompletionSource<bool> NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task<IReadOnlyList<PartitionId>?> JoinUntilAssignedAsync(IReadOnlyCollection<PartitionId> held)
    {
        long began = cluster.Options.Clock.GetTimestamp();
        while (!leaving.IsCancellationRequested)
        {
            try
            {
                BrokerConnection coordinator = await ConnectAsync();
                bool mayBeBack = instanceId is not null && Claim.MemberId.Length == 0;
                JoinGroupResponse joined = await SendJoinAsync(coordinator, held);
                KafkaError error = (KafkaError)joined.ErrorCode;
                if (error == KafkaError.MemberIdRequired)
                {
                    Become(joined.MemberId, generation: -1);
                    continue;
                }

                if (error == KafkaError.UnknownMemberId)
                {
                    Become("", generation: -1);
                    if (held.Count > 0) return null;
                    continue;
                }

                if (error == KafkaError.RebalanceInProgress) continue;
                if (error != KafkaError.None)
                {
                    await PassAsync(joined.ErrorCode);
                    continue;
                }

                Become(joined.MemberId, joined.GenerationId);
                if (await SyncAsync(coordinator, joined) is not { } assignment) continue;
                // A static member that is back is given what was for the process before, which may have read other topics. Joining with its id tells the leader, and the group shares anew.
                if (mayBeBack && !assignment.IsFor(subscription.TopicSets)) continue;
                return assignment.Partitions;
            }
            catch (MemberLostException)
            {
                Become("", generation: -1);
                if (held.Count > 0) return null;
            }
            catch (Exception passing) when (passing is BrokerConnectionException or PassingException or OperationCanceledException)
            {
                if (connection is not null) await connection.DisposeAsync();
                connection = null;
                if (passing is BrokerConnectionException { IsFatal: true }) throw cluster.Failed(What, passing);
                if (passing is not OperationCanceledException) cluster.Trouble.Tell(began, What, cluster.Explain(passing));
                await Task.WhenAny(Task.Delay(Pause, cluster.Options.Clock, leaving.Token));
            }
        }

        throw new BrokerException($"{What}: the member has left.", isFatal: false);
    }

    private Task<JoinGroupResponse> SendJoinAsync(BrokerConnection coordinator, IReadOnlyCollection<PartitionId> held) => coordinator.SendAsync(
        new JoinGroupRequest
        {
            GroupId = subscription.Group,
            SessionTimeoutMs = (int)cluster.Options.SessionTimeout.TotalMilliseconds,
            RebalanceTimeoutMs = (int)cluster.Options.RebalanceTimeout.TotalMilliseconds,
            MemberId = Claim.MemberId,
            GroupInstanceId = instanceId,
            ProtocolType = ConsumerProtocol,
            Protocols = [new() { Name = Protocol, Metadata = GroupMetadata.Subscribe(subscription.TopicSets, held, Claim.Generation) }],
        },
        Cluster.Version(ApiKey.JoinGroup, coordinator, 9),
        leaving.Token);

    /// <summary>Gives or gets the assignment. Null when the group is changing again.</summary>
    private async Task<GroupAssignment?> SyncAsync(BrokerConnection coordinator, JoinGroupResponse joined)
    {
        var request = new SyncGroupRequest
        {
            GroupId = subscription.Group,
            GenerationId = joined.GenerationId,
            MemberId = joined.MemberId,
            GroupInstanceId = instanceId,
            ProtocolType = ConsumerProtocol,
            ProtocolName = Protocol,
        };
        withheldAt = null;
        if (joined.Leader == joined.MemberId && !joined.SkipAssignment) request.Assignments = await AssignAsync(joined);
        SyncGroupResponse answer = await coordinator.SendAsync(request, Cluster.Version(ApiKey.SyncGroup, coordinator, 5), leaving.Token);
        switch ((KafkaError)answer.ErrorCode)
        {
            case KafkaError.None: return GroupMetadata.ReadAssignment(answer.Assignment);
            case KafkaError.RebalanceInProgress: return null;
            case KafkaError.UnknownMemberId or KafkaError.IllegalGeneration: throw new MemberLostException();
            default:
                await PassAsync(answer.ErrorCode);
                return null;
        }
    }

    private async Task<List<SyncGroupRequest.SyncGroupRequestAssignment>> AssignAsync(JoinGroupResponse joined)
    {
        GroupCandidate[] members = [.. joined.Members.Select(static member => GroupMetadata.ReadSubscription(member.MemberId, member.Metadata))];
        var partitionsOf = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string topic in members.SelectMany(static member => member.TopicSets).SelectMany(static set => set).Distinct(StringComparer.Ordinal))
            partitionsOf[topic] = (await cluster.FindAsync(topic))?.Partitions.Count ?? 0;
        IReadOnlyDictionary<string, IReadOnlyList<PartitionId>> wanted = ShardAssignor.Assign(members, partitionsOf);
        IReadOnlyDictionary<string, IReadOnlyList<PartitionId>> assignment = cluster.Options.Withholds ? ShardAssignor.Withhold(wanted, members) : wanted;
        if (assignment.Any(share => share.Value.Count < wanted[share.Key].Count)) withheldAt = cluster.Options.Clock.GetTimestamp();
        return [.. members.Select(member => new SyncGroupRequest.SyncGroupRequestAssignment
        {
            MemberId = member.Id,
            Assignment = GroupMetadata.Assign(new GroupAssignment(assignment[member.Id], member.TopicSets)),
        })];
    }

    private async Task HeartbeatLoopAsync()
    {
        TimeSpan interval = cluster.Options.HeartbeatInterval;
        while (!leaving.IsCancellationRequested)
        {
            await Task.WhenAny(Task.Delay(interval, cluster.Options.Clock, leaving.Token));
            if (leaving.IsCancellationRequested || !await speaking.WaitAsync(TimeSpan.Zero)) continue;
            try
            {
                if (Claim.Generation >= 0) await HeartbeatAsync();
            }
            catch (BrokerException refused)
            {
                lock (gate) changed.TrySetException(refused);
            }
            catch (Exception passing) when (passing is BrokerConnectionException or PassingException or OperationCanceledException)
            {
                if (connection is not null) await connection.DisposeAsync();
                connection = null;
                if (passing is BrokerConnectionException { IsFatal: true })
                {
                    lock (gate) changed.TrySetException(cluster.Failed(HeartbeatWhat, passing));
                }
            }
            finally
            {
                speaking.Release();
            }
        }
    }

    private async Task HeartbeatAsync()
    {
        BrokerConnection coordinator = await ConnectAsync();
        GroupClaim present = Claim;
        HeartbeatResponse answer = await coordinator.SendAsync(
            new HeartbeatRequest { GroupId = subscription.Group, GenerationId = present.Generation, MemberId = present.MemberId, GroupInstanceId = instanceId },
            Cluster.Version(ApiKey.Heartbeat, coordinator, 4),
            leaving.Token);
        switch ((KafkaError)answer.ErrorCode)
        {
            case KafkaError.None:
                // Who was to release something joins again at once, unless it was replaced meanwhile by a process that never held it: then the leader has to ask for the next generation.
                if (withheldAt is not { } since || cluster.Options.Clock.GetElapsedTime(since) < ReleaseTimeout) return;
                goto case KafkaError.RebalanceInProgress;
            case KafkaError.RebalanceInProgress:
                lock (gate) changed.TrySetResult(true);
                return;
            case KafkaError.UnknownMemberId or KafkaError.IllegalGeneration:
                Lose();
                return;
            default:
                cluster.Check(answer.ErrorCode, HeartbeatWhat, Needed);
                return;
        }
    }

    private async Task SayGoodbyeAsync()
    {
        BrokerConnection coordinator = await ConnectAsync();
        short version = Cluster.Version(ApiKey.LeaveGroup, coordinator, 5);
        var request = new LeaveGroupRequest { GroupId = subscription.Group };
        if (version >= 3) request.Members = [new() { MemberId = claim.MemberId, GroupInstanceId = instanceId }];
        else request.MemberId = claim.MemberId;
        await coordinator.SendAsync(request, version);
        Become("", generation: -1);
    }

    private async Task<BrokerConnection> ConnectAsync()
    {
        if (connection is { IsUsable: true }) return connection;
        if (connection is not null) await connection.DisposeAsync();
        connection = null;
        // The answer to a join comes when all have joined, or when the time for it is over.
        return connection = await cluster.ConnectCoordinatorAsync(subscription.Group, cluster.Options.RebalanceTimeout + JoinAllowance);
    }

    private void Become(string memberId, int generation)
    {
        lock (gate) claim = new GroupClaim(memberId, generation, instanceId);
    }

    private async Task PassAsync(short code)
    {
        cluster.Check(code, What, Needed);
        await Task.Delay(Pause, cluster.Options.Clock);
    }

    /// <summary>The group went on while the member was joining it.</summary>
    private sealed class MemberLostException : Exception;
}
