using Pipelines.Broker.Log;

namespace Pipelines.Broker.Groups;

/// <summary>The group coordinator over an engine: its clock, its journal, and one lock.</summary>
/// <remarks>
/// Every call ends: at once, when the group goes on, at a time-out, or when the service is closed. A client that goes away while it waits need not be reported; its
/// member ends with its session. Close the service before the engine.
/// </remarks>
public sealed partial class GroupService : IDisposable
{
    private readonly Lock gate = new();
    private readonly LogEngine engine;
    private readonly GroupOptions options;
    private readonly TimeProvider clock;
    private readonly long origin;
    private readonly GroupCoordinator coordinator;
    private readonly ITimer timer;
    private readonly ITimer cleanup;
    private TimeSpan? armed;
    private bool isClosed;

    private GroupService(LogEngine engine, GroupOptions options)
    {
        this.engine = engine;
        this.options = options;
        clock = engine.Options.Clock;
        origin = clock.GetTimestamp();
        coordinator = new GroupCoordinator(options, clock, () => clock.GetElapsedTime(origin), Save);
        timer = clock.CreateTimer(static service => ((GroupService)service!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        cleanup = clock.CreateTimer(static service => _ = ((GroupService)service!).CleanUpAsync(), this, options.CleanupInterval, options.CleanupInterval);
    }

    /// <summary>Takes up the groups where the engine's journal left them.</summary>
    public static async Task<GroupService> OpenAsync(LogEngine engine, GroupOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        GroupSnapshot[] known = await engine.FindSavedGroupsAsync();
        var service = new GroupService(engine, options ?? new GroupOptions());
        service.Do(coordinator => coordinator.Restore(known));
        return service;
    }

    /// <summary>Joins the group's next generation; answered when that has begun.</summary>
    public Task<JoinReply> JoinAsync(JoinRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var answer = new TaskCompletionSource<JoinReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!Do(coordinator => coordinator.Join(request, reply => answer.TrySetResult(reply))))
            answer.TrySetResult(new JoinReply(ErrorCode.CoordinatorNotAvailable, request.MemberId));
        return answer.Task;
    }

    /// <summary>Asks for the member's assignment; answered when the leader has given it.</summary>
    public Task<SyncReply> SyncAsync(SyncRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var answer = new TaskCompletionSource<SyncReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!Do(coordinator => coordinator.Sync(request, reply => answer.TrySetResult(reply)))) answer.TrySetResult(new SyncReply(ErrorCode.CoordinatorNotAvailable));
        return answer.Task;
    }

    /// <summary>The member is there; told <see cref="ErrorCode.RebalanceInProgress"/> it has to join again.</summary>
    public ErrorCode Heartbeat(MemberClaim member)
    {
        ErrorCode error = ErrorCode.CoordinatorNotAvailable;
        Do(coordinator => error = coordinator.Heartbeat(member));
        return error;
    }

    /// <summary>Takes members out of a group. Before v3 the request names one, and its error is the request's.</summary>
    /// <returns>The request's error, and without one an error for each member.</returns>
    public (ErrorCode Error, IReadOnlyList<ErrorCode> Members) Leave(string groupId, IReadOnlyList<LeavingMember> members)
    {
        (ErrorCode Error, ErrorCode[] Members) answer = (ErrorCode.CoordinatorNotAvailable, []);
        Do(coordinator => answer = coordinator.Leave(groupId, members));
        return answer;
    }

    /// <summary>Commits offsets if the member may: checked and handed to the engine in one step, so no later generation can come in between.</summary>
    /// <param name="member">Who commits.</param>
    /// <param name="isTransactional">True for the offsets of a transaction (TxnOffsetCommit).</param>
    /// <param name="commit">Hands the offsets to the engine, without waiting before it does.</param>
    public Task<ErrorCode> CommitAsync(MemberClaim member, bool isTransactional, Func<LogEngine, Task<ErrorCode>> commit)
    {
        ArgumentNullException.ThrowIfNull(commit);
        Task<ErrorCode>? answer = null;
        Do(coordinator =>
        {
            bool isChecked = !isTransactional || engine.Options.Guards(Protections.Generations);
            ErrorCode error = isChecked ? coordinator.CheckCommit(member, isTransactional) : ErrorCode.None;
            answer = error == ErrorCode.None ? commit(engine) : Task.FromResult(error);
        });
        return answer ?? Task.FromResult(ErrorCode.CoordinatorNotAvailable);
    }

    /// <summary>May this member commit offsets now? <see cref="CommitAsync"/> asks and commits in one step.</summary>
    public ErrorCode CheckCommit(MemberClaim member, bool isTransactional)
    {
        ErrorCode error = ErrorCode.CoordinatorNotAvailable;
        Do(coordinator => error = coordinator.CheckCommit(member, isTransactional));
        return error;
    }

    /// <summary>Answers everybody who waits with <see cref="ErrorCode.CoordinatorNotAvailable"/>. Members go on with the next service over the same log.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (isClosed) return;
            isClosed = true;
            coordinator.Close();
        }

        timer.Dispose();
        cleanup.Dispose();
    }

    private bool Do(Action<GroupCoordinator> work)
    {
        lock (gate)
        {
            if (isClosed) return false;
            work(coordinator);
            ArmTimer();
            return true;
        }
    }

    private void OnTimer() => Do(coordinator =>
    {
        armed = null;
        coordinator.Advance();
    });

    private void ArmTimer()
    {
        if (coordinator.NextDue is not { } due || due >= armed) return;
        armed = due;
        TimeSpan left = due - clock.GetElapsedTime(origin);
        // Timers count whole milliseconds, and one that comes too early would only be set again.
        timer.Change(left > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Handed to the engine under the lock: its journal has the snapshots in the order in which they were taken.</summary>
    private void Save(GroupSnapshot snapshot, Action<ErrorCode> done) => engine.SaveGroupAsync(snapshot).ContinueWith(
        saved => Do(_ => done(saved.Exception is null ? saved.Result : ErrorCode.CoordinatorNotAvailable)),
        CancellationToken.None,
        TaskContinuationOptions.None,
        engine.Options.Scheduler);
}
