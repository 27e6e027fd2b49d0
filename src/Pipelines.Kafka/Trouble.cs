using Microsoft.Extensions.Logging;

namespace Pipelines.Kafka;

/// <summary>Says that a cluster cannot serve while it is asked again: soon, and then now and then.</summary>
/// <remarks>Many ask at the same time and all are in the same trouble, so one line stands for all of them.</remarks>
internal sealed partial class Trouble(ILogger logger, TimeProvider clock)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private readonly Lock gate = new();
    private long? toldAt;
    private int isTold;

    /// <summary>A request that has failed since <paramref name="began"/> is sent again.</summary>
    /// <param name="began">When it was sent first.</param>
    /// <param name="what">What was asked, as the beginning of a sentence.</param>
    /// <param name="why">Why it failed now.</param>
    internal void Tell(long began, string what, string why)
    {
        TimeSpan lasts = clock.GetElapsedTime(began);
        if (lasts < Grace) return;
        lock (gate)
        {
            if (toldAt is { } last && clock.GetElapsedTime(last) < Interval) return;
            toldAt = clock.GetTimestamp();
        }

        Volatile.Write(ref isTold, 1);
        Waiting(logger, what, why.TrimEnd('.'), lasts.TotalSeconds);
    }

    /// <summary>A request was answered in the end.</summary>
    internal void Over()
    {
        if (Volatile.Read(ref isTold) == 0) return;
        if (Interlocked.Exchange(ref isTold, 0) == 1) Answers(logger);
    }

    [LoggerMessage(201, LogLevel.Warning, "{What} yet: {Why}. It is tried again, for {Seconds:F0} s so far")]
    private static partial void Waiting(ILogger logger, string what, string why, double seconds);

    [LoggerMessage(202, LogLevel.Information, "The cluster answers again")]
    private static partial void Answers(ILogger logger);
}
