using System.ComponentModel;
using System.Runtime.CompilerServices;
using Pipelines.Topology;

namespace Pipelines.Execution;

/// <summary>How a task stands after <see cref="DetectorTask.Process"/>.</summary>
public enum ScopeStatus
{
    /// <summary>Ready for records.</summary>
    Running = 0,

    /// <summary>The record at <see cref="TaskScope.Position"/> is to be handled again after <see cref="TaskScope.RetryDelayMs"/>.</summary>
    Retrying = 1,

    /// <summary>The error contract says stop; nothing of the open epoch may be committed.</summary>
    Stopped = 2,
}

/// <summary>What surrounds the record that a task is handling: position, time, key, undo scope and error contract. One per component and partition.</summary>
/// <remarks>
/// Running => Retrying: a handler threw and has tries left; Retrying => Running: the loop is entered again.
/// Running => Stopped: a handler threw and its contract says stop; only a new task goes on.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public sealed partial class TaskScope
{
    private readonly UndoScope undo = new() { Sequence = 1, EpochStart = 1 };
    private readonly TaskOptions options;
    private readonly bool[] isInternal;
    private int input;
    private long observedEventTime;
    private long observedRecordTime;
    private long headerTime;
    private int attempts;

    internal TaskScope(ComponentDefinition component, TaskOptions options)
    {
        Component = component;
        this.options = options;
        isInternal = [.. component.Inputs.Select(static definition => definition.Kind == InputKind.Internal)];
        time = new StreamTime(component.Inputs, options.PartitionCount);
        idSeed = Mix(Hash(component.Name), (ulong)options.Partition);
        deadLetters = new OutputPartition(options.DeadLetters.Topic, options.Partition % options.DeadLetters.Partitions, undo);
        changelog = new OutputPartition(options.Changelog, options.Partition, undo);
        outputs.Add(deadLetters);
        outputs.Add(changelog);
    }

    /// <summary>How many records before its turn a record's state is asked for: far enough for memory to answer, near enough to stay in the cache.</summary>
    public const int LookAhead = 8;

    /// <summary>The batch at hand.</summary>
    public RecordBatch Batch = new();

    /// <summary>The index of the record at hand in the batch.</summary>
    public int Position;

    /// <summary>The index at which the loop stops.</summary>
    public int End;

    /// <summary>The index of the handler that is running.</summary>
    public int Handler;

    /// <summary>The event time of the record at hand, Unix milliseconds.</summary>
    public long EventTime;

    /// <summary>The stream time of the record at hand, where it was written: what decides whether it is late.</summary>
    public long RecordTime;

    /// <summary>The component that the task runs.</summary>
    public ComponentDefinition Component { get; }

    /// <summary>The task's partition.</summary>
    public int Partition => options.Partition;

    /// <summary>Scratch for the state key of the record at hand.</summary>
    public EncodeBuffer Key { get; } = new();

    /// <summary>How the task stands.</summary>
    public ScopeStatus Status { get; private set; }

    /// <summary>How long to wait before the record is handled again.</summary>
    public long RetryDelayMs { get; private set; }

    /// <summary>Records that handlers failed on, counted once each.</summary>
    public long FailureCount { get; private set; }

    /// <summary>What stopped the task.</summary>
    public Exception? StopReason { get; private set; }

    /// <summary>True when windows are due to close.</summary>
    public bool CloseDue => time.CloseDue;

    internal EncodeBuffer OutputKey { get; } = new();

    internal EncodeBuffer OutputValue { get; } = new();

    internal UndoScope Undo => undo;

    /// <summary>Puts records in front of the task.</summary>
    /// <param name="batch">The batch; the caller keeps it alive while the task works on it.</param>
    /// <param name="start">The index of the first record.</param>
    /// <param name="end">The index after the last.</param>
    public void SetBatch(RecordBatch batch, int start, int end)
    {
        Batch = batch;
        Position = start;
        End = end;
        if (Status == ScopeStatus.Retrying) Status = ScopeStatus.Running;
    }

    /// <summary>Begins a record's undo scope.</summary>
    /// <returns><see langword="false"/> when there is nothing to handle: a time marker, or a tombstone.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Begin(in RecordEntry entry, int input)
    {
        undo.Sequence++;
        this.input = input;
        idCounter = 0;
        return isInternal[input] ? BeginInternal(in entry) : entry.ValueLength >= 0 || !IsTombstone(input);
    }

    /// <summary>Stream time moves to the record that was read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Observe(long eventTimeMs)
    {
        EventTime = observedEventTime = eventTimeMs;
        if (isInternal[input])
        {
            RecordTime = observedRecordTime = headerTime == StreamTime.Unknown ? eventTimeMs : headerTime;
        }
        else
        {
            time.Observe(input, eventTimeMs);
            RecordTime = observedRecordTime = time.Of(input);
        }
    }

    /// <summary>True when a record of that window comes too late: behind the window's end and grace where it was written, or here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsLate(WindowStoreBase store, long windowEndMs) =>
        windowEndMs + store.GraceMs <= Math.Max(RecordTime, store.Group.Time);

    /// <summary>The late record goes to the dead letters; its other handlers go on.</summary>
    public void Late(int handler, in Window window)
    {
        HandlerDefinition definition = Component.Handlers[handler];
        var reason = new LateRecordException(
            $"The record's event time {Format(EventTime)} belongs to the window from {Format(window.StartMs)} to {Format(window.EndMs)}, which has closed: stream time is {Format(RecordTime)}. Give the window more grace, or take late records with [OnLate].");
        WriteDeadLetter(definition, reason);
        Report(definition, FailureAction.DeadLettered, reason);
    }

    /// <summary>Undoes the record and follows the handler's error contract.</summary>
    /// <returns><see langword="true"/> to go on with the loop; <see langword="false"/> to leave it: see <see cref="Status"/>.</returns>
    public bool Fail(Exception exception)
    {
        if (Status == ScopeStatus.Stopped) return false;
        RollbackRecord();
        HandlerDefinition handler = Component.Handlers[Handler];
        // Bytes that do not decode will not decode the next time either.
        if (handler.OnError == OnError.Retry && exception is not RecordFormatException && attempts < handler.Retries)
        {
            attempts++;
            Status = ScopeStatus.Retrying;
            RetryDelayMs = handler.RetryDelayMs;
            Report(handler, FailureAction.Retried, exception);
            return false;
        }

        attempts = 0;
        if (handler.OnError == OnError.Stop)
        {
            Stop(handler, exception);
            return false;
        }

        // The record's undo scope is used up: what the dead letter writes must not be undone with the next failure.
        undo.Sequence++;
        FailureAction action = handler.OnError == OnError.Skip ? FailureAction.Skipped : FailureAction.DeadLettered;
        if (action == FailureAction.DeadLettered) WriteDeadLetter(handler, exception);
        Report(handler, action, exception);
        Position++;
        return true;
    }

    /// <summary>Begins the undo scope of one key of a window that closes.</summary>
    public void BeginClose(int handler, WindowStoreBase store, in Window window)
    {
        undo.Sequence++;
        Handler = handler;
        closing = store;
        idCounter = 0;
        EventTime = RecordTime = window.EndMs - 1;
    }

    /// <summary>Undoes what the handler did for the key, and writes key and state to the dead letters.</summary>
    /// <exception cref="InvalidOperationException">The error contract says stop.</exception>
    public void FailClose(Exception exception)
    {
        RollbackRecord();
        undo.Sequence++;
        HandlerDefinition handler = Component.Handlers[Handler];
        if (handler.OnError == OnError.Stop)
        {
            Stop(handler, exception);
            throw new InvalidOperationException("The deployment stops at a window that could not be closed.", exception);
        }

        FailureAction action = handler.OnError == OnError.Skip ? FailureAction.Skipped : FailureAction.DeadLettered;
        if (action == FailureAction.DeadLettered) WriteClosingDeadLetter(handler, exception);
        Report(handler, action, exception);
    }

    /// <summary>All windows that were due are closed: back to the record at hand, with an undo scope of its own.</summary>
    public void EndClose()
    {
        time.CloseDue = false;
        closing = null;
        undo.Sequence++;
        idCounter = 0;
        EventTime = observedEventTime;
        RecordTime = observedRecordTime;
    }

    /// <summary>A wire's record has another key than the record that it stems from, though the members agree in name and type.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public void ThrowKeyMismatch(string wire) => throw new InvalidOperationException(
        $"Record '{wire}' was sent with another key than the record at hand, so its state may live in another partition. Send it with the same key, or name the key member differently so that it is repartitioned.");

    private bool IsTombstone(int input) => Component.Inputs[input].Schema.Kind == RecordKind.Table;

    private void Stop(HandlerDefinition handler, Exception exception)
    {
        Status = ScopeStatus.Stopped;
        StopReason = exception;
        Report(handler, FailureAction.Stopped, exception);
    }

    private void Report(HandlerDefinition handler, FailureAction action, Exception exception)
    {
        if (action != FailureAction.Retried) FailureCount++;
        if (options.OnFailure is not { } report) return;
        bool hasRecord = closing is null && Position < Batch.Count;
        report(new HandlerFailure(
            handler, hasRecord ? Batch.Topic : "", options.Partition, hasRecord ? Batch.Entries[Position].Offset : -1, action, exception));
    }

    private static string Format(long unixMs) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(unixMs, -62135596800000, 253402300799999)).UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture);
}
