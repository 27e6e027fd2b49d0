using System.Threading.Channels;
using Pipelines.Execution;
using Pipelines.Runtime.Commits;
using Pipelines.Runtime.Reading;

namespace Pipelines.Runtime.Tasks;

/// <summary>One deployment on one partition: takes batches and requests from one channel and runs the deployment's components on them.</summary>
/// <remarks>
/// Running => Retrying: a handler is to be called again after a delay; seals wait. Retrying => Running: the delay is over.
/// Running => Full: the open epoch and the sealed one hold as much as they may. Full => Running: the broker has taken enough of the sealed one.
/// Running => Stopped: the error contract said stop; the open epoch is undone and no batch is taken any more.
/// Any => Running: the worker rewound the task, unless it is stopped.
/// </remarks>
internal sealed partial class TaskRunner
{
    // Between slices the task looks for requests, so this bounds how long a seal waits for a handler.
    private const int SliceRecords = 512;

    private readonly Channel<TaskMessage> channel = Channel.CreateUnbounded<TaskMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Queue<(RecordBatch Batch, Subscription Subscription)> waiting = new();
    private readonly TaskRunnerContext context;
    private RecordBatch? current;
    private TaskInput? currentInput;
    private Subscription? currentSubscription;
    private int slicePosition;
    private int sliceConsumer;
    private bool hasChanges;
    private bool isRetrying;
    private volatile bool isFull;
    private volatile bool isPaused;
    private volatile bool isStopped;
    private volatile bool isSealed;
    private volatile bool isCommitted;
    private long recordCount;
    private long answeredAt;

    internal TaskRunner(TaskRunnerContext context, int partition, IReadOnlyList<DetectorTask> components, IReadOnlyList<TaskInput> inputs, bool hasChanges = false)
    {
        this.context = context;
        Partition = partition;
        Components = components;
        Inputs = inputs;
        this.hasChanges = hasChanges;
        answeredAt = context.Clock.GetTimestamp();
    }

    internal int Partition { get; }

    /// <summary>When the task last answered, on the worker's monotonic clock: longer ago than a few commits, it is busy in a handler.</summary>
    internal long AnsweredAt => Volatile.Read(ref answeredAt);

    /// <summary>True when it was told that the task does not answer.</summary>
    internal bool IsToldStuck { get; set; }

    internal IReadOnlyList<DetectorTask> Components { get; }

    internal IReadOnlyList<TaskInput> Inputs { get; }

    /// <summary>
    /// True while a sealed epoch waits for its commit; what is sealed may be read by the committer then. False as soon as the epoch is
    /// committed, even while the task is too busy to take note of it: nothing is committed twice.
    /// </summary>
    internal bool IsSealed => isSealed && !isCommitted;

    /// <summary>True when the error contract has stopped the task.</summary>
    internal bool IsStopped => isStopped;

    /// <summary>True when nothing is uncommitted and nothing waits.</summary>
    internal bool IsIdle => isStopped || (!hasChanges && !isSealed && waiting.Count == 0 && current is null);

    /// <summary>Records handled.</summary>
    internal long RecordCount => Volatile.Read(ref recordCount);

    internal bool IsPaused
    {
        get => isPaused;
        set
        {
            isPaused = value;
            Post(new TaskMessage(TaskMessageKind.Wake));
        }
    }

    internal void Post(in TaskMessage message)
    {
        if (!channel.Writer.TryWrite(message)) message.Round?.Answer();
    }

    /// <summary>Queues a batch; false when the task has ended.</summary>
    internal bool Accept(Subscription subscription, RecordBatch batch) =>
        channel.Writer.TryWrite(new TaskMessage(TaskMessageKind.Batch, batch, subscription));

    /// <summary>Ends the loop when it has come to the end of its channel.</summary>
    internal void Complete() => channel.Writer.TryComplete();

    internal async Task RunAsync()
    {
        try
        {
            while (true)
            {
                while (channel.Reader.TryRead(out TaskMessage message)) Handle(in message);
                if (CanProcess)
                {
                    try
                    {
                        ProcessSlice();
                    }
                    catch (Exception broken)
                    {
                        // Handlers' exceptions do not come here: this is the toolkit failing, and it fails this deployment only.
                        Stop(broken);
                    }

                    // Other tasks get their turn, however much waits here.
                    await Task.Yield();
                    continue;
                }

                // No token: a channel reuses its waiter only for one that cannot be cancelled.
                if (!await channel.Reader.WaitToReadAsync()) break;
            }
        }
        finally
        {
            DropBatches();
        }
    }

    private bool CanProcess => !isPaused && !isStopped && !isRetrying && !isFull && (current is not null || waiting.Count > 0);

    private void Handle(in TaskMessage message)
    {
        switch (message.Kind)
        {
            case TaskMessageKind.Batch when isStopped || InputOf(message.Subscription!) is null:
                // Read before the task went back, or before it stopped: it is read again.
                message.Subscription!.Done(message.Batch!);
                break;
            case TaskMessageKind.Batch:
                waiting.Enqueue((message.Batch!, message.Subscription!));
                break;
            case TaskMessageKind.Seal:
                TrySeal();
                Volatile.Write(ref answeredAt, context.Clock.GetTimestamp());
                message.Round!.Answer();
                break;
            case TaskMessageKind.Acknowledge:
                Acknowledge();
                break;
            case TaskMessageKind.Rewind:
                Rewind(message.Rewind!);
                break;
            case TaskMessageKind.Stop:
                if (!isStopped) Stop(reason: null);
                break;
            case TaskMessageKind.Wake:
                isRetrying = false;
                break;
            case TaskMessageKind.Room:
                LookWhetherFull();
                break;
        }
    }

    private TaskInput? InputOf(Subscription subscription)
    {
        foreach (TaskInput input in Inputs)
        {
            if (ReferenceEquals(input.Subscription, subscription)) return input;
        }

        return null;
    }

    private void ProcessSlice()
    {
        if (current is null && !TakeBatch()) return;
        if (currentInput!.Table is not null)
        {
            ApplyRows();
            return;
        }

        RecordBatch batch = current!;
        int end = Math.Min(batch.Count, slicePosition + SliceRecords);
        IReadOnlyList<(DetectorTask Task, int Input)> consumers = currentInput!.Consumers;
        for (; sliceConsumer < consumers.Count; sliceConsumer++)
        {
            (DetectorTask task, int input) = consumers[sliceConsumer];
            TaskScope scope = task.Scope;
            // A component that is to try again goes on where it stopped.
            bool resumes = scope.Status == ScopeStatus.Retrying;
            scope.SetBatch(batch, resumes ? scope.Position : slicePosition, end);
            hasChanges = true;
            if (task.Process(input)) continue;
            if (scope.Status == ScopeStatus.Stopped) Stop(scope.StopReason);
            else RetryAfter(scope.RetryDelayMs);
            return;
        }

        sliceConsumer = 0;
        Volatile.Write(ref recordCount, recordCount + end - slicePosition);
        slicePosition = end;
        currentInput.Processed = end < batch.Count ? batch.Entries[end].Offset : batch.NextOffset;
        if (end == batch.Count) FinishBatch();
        else LookWhetherFull();
    }

    /// <summary>Takes the next batch that holds something new. False when none does.</summary>
    private bool TakeBatch()
    {
        (current, currentSubscription) = waiting.Dequeue();
        currentInput = InputOf(currentSubscription!)!;
        slicePosition = 0;
        sliceConsumer = 0;
        while (slicePosition < current.Count && current.Entries[slicePosition].Offset < currentInput.Processed) slicePosition++;
        if (slicePosition < current.Count)
        {
            currentInput.LastRecordAt = context.Clock.GetTimestamp();
            currentInput.IsIdle = false;
            return true;
        }

        // Only control records, or records that were handled already: the position moves, but that alone is not worth a commit.
        currentInput.Processed = Math.Max(currentInput.Processed, current.NextOffset);
        FinishBatch();
        return false;
    }

    private void FinishBatch()
    {
        currentSubscription!.Done(current!);
        current = null;
        currentSubscription = null;
        LookWhetherFull();
    }

    /// <summary>What is open is sealed before more is handled than may be held; what is sealed and not with the broker yet counts too, which bounds what the broker's pace lets pile up.</summary>
    private void LookWhetherFull()
    {
        long share = context.Epochs.Share;
        long open = OpenBytes();
        // Whoever lets go after the look sees that there is somebody to tell.
        isFull = true;
        Interlocked.MemoryBarrier();
        isFull = open + SealedBytes() >= share;
        // With less, the task waits for the broker, not for a commit.
        if (isFull && open >= share / 2) context.RequestCommit();
    }

    /// <summary>The broker has taken some of what is sealed.</summary>
    internal void MakeRoom()
    {
        Interlocked.MemoryBarrier();
        if (isFull) Post(new TaskMessage(TaskMessageKind.Room));
    }

    /// <summary>Rows of a look-up table: applied as they come, and no part of an epoch.</summary>
    private void ApplyRows()
    {
        RecordBatch batch = current!;
        for (; slicePosition < batch.Count; slicePosition++) context.ApplyRow(currentInput!.Table!, batch, slicePosition);
        currentInput!.Processed = currentInput.Committed = batch.NextOffset;
        FinishBatch();
    }

    private long OpenBytes()
    {
        long sum = 0;
        foreach (DetectorTask component in Components) sum += component.Scope.OpenBytes;
        return sum;
    }

    private long SealedBytes()
    {
        long sum = 0;
        foreach (DetectorTask component in Components) sum += component.Scope.SealedBytes;
        return sum;
    }

    private void DropBatches()
    {
        if (current is not null) currentSubscription!.Done(current);
        current = null;
        while (waiting.TryDequeue(out (RecordBatch Batch, Subscription Subscription) next)) next.Subscription.Done(next.Batch);
    }

}
