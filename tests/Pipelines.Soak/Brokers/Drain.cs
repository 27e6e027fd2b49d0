using System.Collections.Concurrent;
using Pipelines.Broker.Log;

namespace Pipelines.Soak.Brokers;

/// <summary>The end of a round for those that copy: when nobody writes any more, each source is read to its end.</summary>
internal sealed class Drain
{
    // As long as a transaction may be open of whose client nobody hears again.
    private static readonly TimeSpan DecisionPatience = TimeSpan.FromSeconds(5);

    // Longer than the session of a member that is gone, and than its group needs to share out what it had.
    private static readonly TimeSpan ProgressPatience = TimeSpan.FromSeconds(15);
    private readonly ConcurrentDictionary<TopicPartition, bool> dry = new();
    private readonly CancellationTokenSource undecided = new();
    private volatile bool hasBegun;
    private long lastProgress;

    /// <summary>True when nobody writes any more: what is read from now on is all that will be there.</summary>
    internal bool HasBegun => hasBegun;

    /// <summary>True when all is read, or when nobody has read anything for long: what is missing is found elsewhere.</summary>
    internal bool IsOver => hasBegun && (dry.Count == Topics.Sources.Count || Environment.TickCount64 - Interlocked.Read(ref lastProgress) > ProgressPatience.TotalMilliseconds);

    internal void Begin()
    {
        undecided.CancelAfter(DecisionPatience);
        SawSomething();
        hasBegun = true;
    }

    /// <summary>Something was there to be copied.</summary>
    internal void SawSomething() => Interlocked.Exchange(ref lastProgress, Environment.TickCount64);

    /// <summary>Nothing more was found, when it had begun.</summary>
    internal void SawNothing(TopicPartition partition, bool isAtEnd)
    {
        // What stays undecided is found elsewhere.
        if (isAtEnd || undecided.IsCancellationRequested) dry[partition] = true;
    }
}
