namespace Pipelines.Runtime.Restore;

/// <summary>One reading of a log to its end, as others see it: how far it is, and how fast.</summary>
/// <param name="topic">The topic.</param>
/// <param name="partition">The partition.</param>
/// <param name="start">The offset at which it began.</param>
/// <param name="target">The offset at which it ends.</param>
/// <param name="clock">The worker's clock.</param>
internal sealed class LogReading(string topic, int partition, long start, long target, TimeProvider clock)
{
    private readonly long began = clock.GetTimestamp();
    private readonly long from = start;
    private long position = start;

    internal string Topic => topic;

    internal int Partition => partition;

    /// <summary>The offset at which it ends.</summary>
    internal long Target => target;

    /// <summary>The next offset to read.</summary>
    internal long Position
    {
        get => Volatile.Read(ref position);
        set => Volatile.Write(ref position, value);
    }

    /// <summary>How long it has taken so far.</summary>
    internal TimeSpan Elapsed => clock.GetElapsedTime(began);

    /// <summary>Offsets per second since the beginning.</summary>
    internal double Rate => Elapsed.TotalSeconds is > 0 and double seconds ? (Position - from) / seconds : 0;

    /// <summary>The time that is left at that rate; null while nothing has been read.</summary>
    internal TimeSpan? Left => Rate is > 0 and double rate ? TimeSpan.FromSeconds(Math.Min((target - Position) / rate, TimeSpan.FromDays(365).TotalSeconds)) : null;
}
