using Pipelines.Execution;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Reading;
using Pipelines.Runtime.Restore;

namespace Pipelines.Runtime.Commits;

/// <summary>The progress of all workers of an application, as far as its topic was read.</summary>
internal sealed class ProgressLog(ReaderContext context, string topic)
{
    private readonly Lock gate = new();
    private readonly Progress known = new();
    private Task reading = Task.CompletedTask;
    private long nextOffset;

    /// <summary>Reads on to where the topic ends now; calls come one after the other.</summary>
    /// <exception cref="BrokerException">It cannot be read, or something else writes to it.</exception>
    internal Task ReadOnAsync()
    {
        lock (gate) return reading = ReadAfterAsync(reading);
    }

    /// <summary>The next offset of a deployment, or null when it has none there yet.</summary>
    internal long? Find(string deployment, string input, int partition)
    {
        lock (gate) return known.Find(deployment, input, partition);
    }

    /// <summary>The commit that last moved the partition, or null.</summary>
    internal string? CommitOf(string input, int partition)
    {
        lock (gate) return known.CommitOf(input, partition);
    }

    /// <summary>Gives what is known of a shard's partitions to <paramref name="target"/>.</summary>
    internal void CopyTo(Progress target, IReadOnlyList<PartitionId> inputs)
    {
        lock (gate)
        {
            foreach (PartitionId input in inputs) target.Take(known, input.Topic, input.Partition);
        }
    }

    private async Task ReadAfterAsync(Task former)
    {
        // Whether that failed is for its caller; what it had read is read again.
        await former.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        try
        {
            (_, nextOffset) = await LogReader.ReadAsync(context, topic, 0, nextOffset, Read);
        }
        catch (RecordFormatException foreign)
        {
            throw new BrokerException(foreign.Message, isFatal: true, foreign);
        }
    }

    private void Read(RecordBatch batch)
    {
        lock (gate)
        {
            for (int i = 0; i < batch.Count; i++) known.Read(batch, in batch.Entries[i]);
        }
    }
}
