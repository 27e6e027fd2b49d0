namespace Pipelines.Kafka;

/// <summary>Waits between attempts, each twice as long as the one before, up to a bound.</summary>
internal sealed class Pauses(TimeProvider clock, TimeSpan shortest, TimeSpan longest)
{
    private TimeSpan next = shortest;

    /// <summary>Between the steps of a commit: what a coordinator is still busy with is mostly over in a few milliseconds, and everybody waits.</summary>
    internal static Pauses OfCommit(TimeProvider clock) => new(clock, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(100));

    internal Task WaitAsync()
    {
        Task wait = Task.Delay(next, clock);
        next = next * 2 < longest ? next * 2 : longest;
        return wait;
    }
}
