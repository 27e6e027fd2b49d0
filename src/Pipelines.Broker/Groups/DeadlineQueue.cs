namespace Pipelines.Broker.Groups;

/// <summary>A moment at which something is done, unless it is moved or cleared before.</summary>
internal sealed class Deadline(Action reached)
{
    /// <summary>The moment, or null.</summary>
    internal TimeSpan? Due { get; set; }

    /// <summary>The moment for which the queue holds it.</summary>
    internal TimeSpan? QueuedFor { get; set; }

    internal void Reach() => reached();

    internal void Clear() => Due = null;
}

/// <summary>Deadlines in order. One that is moved further away stays where it is in the queue, so a heartbeat costs nothing.</summary>
internal sealed class DeadlineQueue
{
    private readonly PriorityQueue<Deadline, TimeSpan> queue = new();

    /// <summary>No deadline is due before this; null when there is none.</summary>
    internal TimeSpan? Next => queue.TryPeek(out _, out TimeSpan due) ? due : null;

    internal void Set(Deadline deadline, TimeSpan due)
    {
        deadline.Due = due;
        if (deadline.QueuedFor <= due) return;
        deadline.QueuedFor = due;
        queue.Enqueue(deadline, due);
    }

    /// <summary>Does what is due.</summary>
    internal void Advance(TimeSpan now)
    {
        while (queue.TryPeek(out Deadline? deadline, out TimeSpan queuedFor) && queuedFor <= now)
        {
            queue.Dequeue();
            if (deadline.QueuedFor != queuedFor) continue;
            deadline.QueuedFor = null;
            if (deadline.Due is not { } due) continue;
            if (due > now)
            {
                Set(deadline, due);
                continue;
            }

            deadline.Clear();
            deadline.Reach();
        }
    }
}
