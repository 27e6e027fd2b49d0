namespace Pipelines.Runtime;

/// <summary>Work that begins anew at intervals, and never while the last time is still under way.</summary>
/// <param name="interval">The least time between beginnings; zero for never.</param>
/// <param name="clock">The clock.</param>
internal sealed class Recurring(TimeSpan interval, TimeProvider clock)
{
    private long beganAt;

    /// <summary>The last time's work.</summary>
    internal Task Work { get; private set; } = Task.CompletedTask;

    /// <summary>True when the work is to begin.</summary>
    internal bool IsDue => interval > TimeSpan.Zero && Work.IsCompleted && clock.GetElapsedTime(beganAt) >= interval;

    /// <summary>Counts the interval from now on.</summary>
    internal void Restart() => beganAt = clock.GetTimestamp();

    /// <summary>The work begins.</summary>
    internal void Begin(Func<Task> work)
    {
        Restart();
        Work = work();
    }
}
