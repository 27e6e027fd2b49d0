using System.ComponentModel;
using Pipelines.Topology;

namespace Pipelines.Execution;

/// <summary>Where one task of a component stands; set by the host, or by the test driver.</summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public sealed class TaskOptions
{
    /// <summary>The deployment's name.</summary>
    public required string Deployment { get; init; }

    /// <summary>The deployment's version.</summary>
    public required string Version { get; init; }

    /// <summary>The task's partition, from 0.</summary>
    public required int Partition { get; init; }

    /// <summary>The tasks of the component: the most partitions that one of its external inputs has.</summary>
    public required int PartitionCount { get; init; }

    /// <summary>The broker's name of an output's topic, and its number of partitions.</summary>
    public required Func<OutputDefinition, (string Topic, int Partitions)> ResolveOutput { get; init; }

    /// <summary>The topic of the dead letters, and its number of partitions.</summary>
    public required (string Topic, int Partitions) DeadLetters { get; init; }

    /// <summary>The topic that the stores are logged to.</summary>
    public required string Changelog { get; init; }

    /// <summary>Makes detectors that are not static.</summary>
    public IServiceProvider? Services { get; init; }

    /// <summary>False switches undo off, so that a test of a checker can see it notice.</summary>
    public bool Undoes { get; init; } = true;

    /// <summary>Told of each handler failure, on the task's thread; must be quick.</summary>
    public Action<HandlerFailure>? OnFailure { get; init; }
}

/// <summary>What was done about a handler failure.</summary>
public enum FailureAction
{
    /// <summary>The record will be handled again.</summary>
    Retried = 0,

    /// <summary>The record went to the dead letters.</summary>
    DeadLettered = 1,

    /// <summary>The record was left out.</summary>
    Skipped = 2,

    /// <summary>The deployment stops.</summary>
    Stopped = 3,
}

/// <summary>A handler that threw, or a record that did not decode or came late.</summary>
/// <param name="Handler">The handler.</param>
/// <param name="Topic">The topic of the record at hand; empty for a window that closed between records.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Offset">Its offset.</param>
/// <param name="Action">What was done about it.</param>
/// <param name="Exception">What was thrown.</param>
public sealed record HandlerFailure(
    HandlerDefinition Handler,
    string Topic,
    int Partition,
    long Offset,
    FailureAction Action,
    Exception Exception);
