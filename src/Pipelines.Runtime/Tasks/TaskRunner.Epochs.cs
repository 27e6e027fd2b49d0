using Pipelines.Execution;

namespace Pipelines.Runtime.Tasks;

/// <content>Seals, acknowledgements, going back, and failures.</content>
internal sealed partial class TaskRunner
{
    private void TrySeal()
    {
        if (isStopped || isSealed || !IsAtBoundary) return;
        TellIdle();
        if (!hasChanges && !TimeMoved()) return;
        long now = context.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (DetectorTask component in Components) component.Scope.Seal(now);
        foreach (TaskInput input in Inputs) input.Sealed = input.Processed;
        hasChanges = false;
        isCommitted = false;
        LookWhetherFull();
        isSealed = true;
    }

    /// <summary>The sealed epoch is committed: it is not offered again, and the task lets go of it when it comes to that.</summary>
    internal void Committed()
    {
        isCommitted = true;
        Post(new TaskMessage(TaskMessageKind.Acknowledge));
    }

    /// <summary>Every component has handled the same records.</summary>
    private bool IsAtBoundary => !isRetrying && sliceConsumer == 0;

    private bool TimeMoved()
    {
        foreach (DetectorTask component in Components)
        {
            if (component.Scope.HasTimeToTell) return true;
        }

        return false;
    }

    private void Acknowledge()
    {
        if (!isSealed) return;
        foreach (DetectorTask component in Components) component.Scope.Acknowledge();
        foreach (TaskInput input in Inputs) input.Committed = input.Sealed;
        isSealed = false;
        LookWhetherFull();
    }

    private void Rewind(RewindRequest request)
    {
        if (request.IsSealedCommitted) Acknowledge();
        Undo();
        request.Done.TrySetResult();
    }

    /// <summary>Back to the last commit: state, time and positions; what was read and not handled is read again.</summary>
    private void Undo()
    {
        foreach (TaskInput input in Inputs)
        {
            input.Subscription?.Close();
            input.Subscription = null;
            input.Processed = input.Sealed = input.Committed;
            input.IsIdle = false;
        }

        DropBatches();
        foreach (DetectorTask component in Components) component.Scope.Rollback();
        slicePosition = 0;
        sliceConsumer = 0;
        hasChanges = false;
        isRetrying = false;
        isFull = false;
        isSealed = false;
    }

    private void Stop(Exception? reason)
    {
        isStopped = true;
        // A sealed epoch may be on its way to the broker: it stays as it is. What came after it is undone.
        foreach (TaskInput input in Inputs)
        {
            input.Subscription?.Close();
            input.Processed = isSealed ? input.Sealed : input.Committed;
        }

        DropBatches();
        foreach (DetectorTask component in Components) component.Scope.RollbackOpen();
        slicePosition = 0;
        sliceConsumer = 0;
        isRetrying = false;
        hasChanges = false;
        if (reason is not null) context.OnStopped(this, reason);
    }

    private void RetryAfter(long delayMs)
    {
        isRetrying = true;
        ITimer? timer = null;
        timer = context.Clock.CreateTimer(
            _ =>
            {
                Post(new TaskMessage(TaskMessageKind.Wake));
                timer?.Dispose();
            },
            state: null,
            TimeSpan.FromMilliseconds(Math.Max(1, delayMs)),
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Tells the components which partitions have been empty for the idle bound; windows may close for it.</summary>
    private void TellIdle()
    {
        foreach (TaskInput input in Inputs)
        {
            if (input.IsIdle || input.Table is not null || input.Subscription is not { IsLevel: true }) continue;
            if (waiting.Count > 0 || current is not null) continue;
            if (context.Clock.GetElapsedTime(input.LastRecordAt) < context.IdleAfter) continue;
            input.IsIdle = true;
            foreach ((DetectorTask task, int index) in input.Consumers) task.Scope.SetIdle(index, isIdle: true);
        }

        foreach (DetectorTask component in Components)
        {
            if (!component.Scope.CloseDue) continue;
            hasChanges = true;
            try
            {
                component.Close();
            }
            catch (InvalidOperationException) when (component.Scope.Status == ScopeStatus.Stopped)
            {
                Stop(component.Scope.StopReason);
                return;
            }
        }
    }
}
