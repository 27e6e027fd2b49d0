using Pipelines.Execution;
using Pipelines.Runtime.Reading;

namespace Pipelines.Runtime.Tasks;

/// <summary>One partition that a task reads: where it stands, and which components take its records.</summary>
internal sealed class TaskInput
{
    private long committed;

    internal TaskInput(string topic, int partition, long startOffset)
    {
        Topic = topic;
        Partition = partition;
        committed = Processed = Sealed = startOffset;
    }

    internal string Topic { get; }

    internal int Partition { get; }

    /// <summary>The components that read the topic, with the input's index in each.</summary>
    internal List<(DetectorTask Task, int Input)> Consumers { get; } = [];

    /// <summary>The look-up table that the records are rows of; null for records that are handled.</summary>
    internal TableStoreBase? Table { get; init; }

    /// <summary>How the records come; replaced when the task rewinds.</summary>
    internal Subscription? Subscription { get; set; }

    /// <summary>The offset after the last record handled in the open epoch.</summary>
    internal long Processed { get; set; }

    /// <summary>The end of the partition as last seen.</summary>
    internal long End => Math.Max(Processed, Subscription?.End ?? 0);

    /// <summary>The offset that the sealed epoch ends at.</summary>
    internal long Sealed { get; set; }

    /// <summary>The offset that is committed; read by other loops.</summary>
    internal long Committed
    {
        get => Volatile.Read(ref committed);
        set => Volatile.Write(ref committed, value);
    }

    /// <summary>When the last record came, on the worker's monotonic clock.</summary>
    internal long LastRecordAt { get; set; }

    /// <summary>True when the partition has been told idle to the components.</summary>
    internal bool IsIdle { get; set; }
}
