using System.Collections.Concurrent;
using Pipelines.Broker.Log;

namespace Pipelines.Soak.Brokers;

/// <summary>The end of a round for those that copy: when nobody writes any more, each source is read to its end.</summary>
internal sealed class Drain
{
    // As long as a transaction may be open of whose client nobody hears again.
    private static readonly TimeSpan DecisionPatience = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<TopicPartition, bool> dry = new();
    private readonly CancellationTokenSource undecided = new();
    private volatile bool hasBegun;

    /// <summary>True when nobody writes any more: what is read from now on is all that will be there.</summary>
    internal bool HasBegun => hasBegun;

    internal bool IsOver => dry.Count == Topics.Sources.Count;

    internal void Begin()
    {
        undecided.CancelAfter(DecisionPatience);
        hasBegun = true;
    }

    /// <summary>Nothing more was found, when it had begun.</summary>
    internal void SawNothing(TopicPartition partition, bool isAtEnd)
    {
        // What stays undecided is found elsewhere.
        if (isAtEnd || undecided.IsCancellationRequested) dry[partition] = true;
    }
}
