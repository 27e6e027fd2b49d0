using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Pipelines.Execution;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Restore;

namespace Pipelines.Runtime.Reading;

/// <summary>What all readers of a worker share.</summary>
internal sealed class ReaderContext
{
    private volatile bool isStopping;
    private volatile StrongBox<PartitionId>? undecided;

    internal required IBroker Broker { get; init; }

    internal required TimeProvider Clock { get; init; }

    internal required TaskScheduler Scheduler { get; init; }

    /// <summary>About how much one fetch brings of what is read to its end.</summary>
    internal required int FetchBytes { get; init; }

    /// <summary>About how much one fetch brings of what is read for ever.</summary>
    internal required MemoryBudget Fetches { get; init; }

    /// <summary>How long a fetch waits for data; also how long stopping may take.</summary>
    internal required TimeSpan FetchWait { get; init; }

    /// <summary>How long a subscription without room may hold the others up.</summary>
    internal required TimeSpan DetachAfter { get; init; }

    internal TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    internal required Action<PartitionReader, BrokerException> OnFailure { get; init; }

    /// <summary>Sees each batch of an input once.</summary>
    internal required Action<RecordBatch> OnRead { get; init; }

    internal required Action<PartitionReader, long, long> OnGap { get; init; }

    internal required Action<Subscription> OnDetach { get; init; }

    internal required Action<Subscription> OnAttach { get; init; }

    /// <summary>True when the worker stops: what is being restored is not needed any more.</summary>
    internal bool IsStopping
    {
        get => isStopping;
        set => isStopping = value;
    }

    internal BatchPool Pool { get; } = new();

    /// <summary>What is being read to its end at the moment: changelogs, tables, progress.</summary>
    internal ConcurrentDictionary<LogReading, byte> Readings { get; } = new();

    /// <summary>The partition of which it is waited for that its former owner's commits are decided; null for none.</summary>
    internal PartitionId? Undecided
    {
        get => undecided is { } one ? one.Value : null;
        set => undecided = value is { } one ? new StrongBox<PartitionId>(one) : null;
    }

    /// <summary>Starts a loop on the worker's scheduler.</summary>
    internal Task Start(Func<Task> loop) =>
        Task.Factory.StartNew(loop, CancellationToken.None, TaskCreationOptions.DenyChildAttach, Scheduler).Unwrap();
}
