namespace Pipelines.Simulation.World;

/// <summary>A clock that moves when nothing else can, to the next timer. The wall clock may jump; the monotonic one never does.</summary>
internal sealed class SimulatedTime : TimeProvider
{
    private readonly PriorityQueue<Timer, (long DueTicks, long Order)> timers = new();
    private long ticks;
    private long order;
    private TimeSpan jump;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    internal bool HasTimers => timers.Count > 0;

    /// <summary>Time since the beginning of the simulation.</summary>
    internal TimeSpan Elapsed => TimeSpan.FromTicks(ticks);

    public override long GetTimestamp() => ticks;

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero) + TimeSpan.FromTicks(ticks) + jump;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Sets the wall clock forward or back.</summary>
    internal void Jump(TimeSpan by) => jump += by;

    /// <summary>Moves to the next timer and fires it.</summary>
    internal void FireNext()
    {
        timers.TryDequeue(out Timer? timer, out (long DueTicks, long Order) due);
        if (due.DueTicks > ticks) ticks = due.DueTicks;
        timer!.Fire(due.Order);
    }

    /// <summary>Forgets all timers: the process is dead.</summary>
    internal void Clear() => timers.Clear();

    private long Schedule(Timer timer, TimeSpan dueTime)
    {
        timers.Enqueue(timer, (ticks + Math.Max(0, dueTime.Ticks), ++order));
        return order;
    }

    private sealed class Timer(SimulatedTime time, TimerCallback callback, object? state) : ITimer
    {
        private long current;
        private TimeSpan period;

        public bool Change(TimeSpan dueTime, TimeSpan newPeriod)
        {
            period = newPeriod;
            current = dueTime == Timeout.InfiniteTimeSpan ? 0 : time.Schedule(this, dueTime);
            return true;
        }

        internal void Fire(long order)
        {
            if (order != current) return;
            current = period == Timeout.InfiniteTimeSpan || period == TimeSpan.Zero ? 0 : time.Schedule(this, period);
            callback(state);
        }

        public void Dispose() => current = 0;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
