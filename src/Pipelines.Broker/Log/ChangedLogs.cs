namespace Pipelines.Broker.Log;

/// <summary>The partitions that were written to: what a round of flushes has to look at, however many partitions there are.</summary>
internal sealed class ChangedLogs
{
    private readonly List<PartitionLog> logs = [];
    private readonly List<PartitionLog> unserved = [];

    /// <summary>True when a segment was closed: what it holds should become durable, whoever waits for it.</summary>
    internal bool HasClosedSegment { get; set; }

    internal int Count => logs.Count;

    internal IReadOnlyList<PartitionLog> All => logs;

    internal void Add(PartitionLog log)
    {
        if (!log.IsUnserved) unserved.Add(log);
        log.IsUnserved = true;
        if (log.IsChanged) return;
        log.IsChanged = true;
        logs.Add(log);
    }

    /// <summary>Lets everything written so far be served, durable or not.</summary>
    internal void ServeAll()
    {
        foreach (PartitionLog log in unserved)
        {
            log.IsUnserved = false;
            log.Advance(log.EndOffset);
        }

        unserved.Clear();
    }

    /// <summary>The partition is gone: nobody waits for it.</summary>
    internal void Remove(PartitionLog log)
    {
        if (log.IsChanged) logs.Remove(log);
        if (log.IsUnserved) unserved.Remove(log);
        log.IsChanged = log.IsUnserved = false;
    }

    internal void Clear()
    {
        HasClosedSegment = false;
        foreach (PartitionLog log in logs) log.IsChanged = false;
        logs.Clear();
    }
}
