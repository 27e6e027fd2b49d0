using Pipelines.Execution;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Reading;

namespace Pipelines.Runtime.Clients;

/// <summary>Reads the committed records of one partition, for programs beside the detectors.</summary>
/// <param name="broker">The broker.</param>
/// <param name="topic">The topic.</param>
/// <param name="partition">The partition.</param>
/// <param name="offset">The first offset to read.</param>
public sealed class RecordReader(IBroker broker, string topic, int partition, long offset = 0)
{
    private readonly BatchCutter cutter = new(new BatchPool(), topic, partition);

    /// <summary>The next offset to read.</summary>
    public long Offset { get; private set; } = offset;

    /// <summary>The end of the partition as of the last read.</summary>
    public long End { get; private set; }

    /// <summary>Reads on.</summary>
    /// <param name="maxBytes">About how much to read at most.</param>
    /// <param name="maxWait">How long to wait when there is nothing.</param>
    /// <returns>Records, to be released by the caller; null when none came. It may hold none when only control records came.</returns>
    /// <exception cref="BrokerException">The broker could not, or what it has cannot be read.</exception>
    public async ValueTask<RecordBatch?> ReadAsync(int maxBytes, TimeSpan maxWait)
    {
        FetchedBatches fetched = await broker.FetchAsync(topic, partition, Offset, maxBytes, maxWait);
        End = fetched.End;
        if (Offset < fetched.Start) Offset = fetched.Start;
        RecordBatch? batch = cutter.Cut(fetched, Offset);
        if (batch is not null) Offset = batch.NextOffset;
        return batch;
    }

    /// <summary>Calls back for every record from here to where the partition ends now.</summary>
    public async Task ReadToEndAsync(Action<RecordBatch, RecordEntry> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        long end = (await broker.GetRangeAsync(topic, partition)).End;
        while (Offset < end)
        {
            RecordBatch? batch = await ReadAsync(1024 * 1024, TimeSpan.FromMilliseconds(100));
            if (batch is null) continue;
            try
            {
                for (int i = 0; i < batch.Count; i++) handler(batch, batch.Entries[i]);
            }
            finally
            {
                batch.Release();
            }
        }
    }
}
