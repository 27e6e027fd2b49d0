using System.Threading.Channels;
using Pipelines.Execution;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Clients;

namespace SecurityLog.Sources;

/// <summary>Reads raw lines from a topic of another name than the detectors' own. Its offsets are kept as the positions of files are: each line comes in once.</summary>
/// <param name="broker">Has the topic; it is created when it does not exist, so that clients which do not create topics can write.</param>
/// <param name="topic">The topic.</param>
/// <param name="lines">Gets the lines, each with its record's timestamp.</param>
internal sealed class TopicSource(IBroker broker, string topic, ChannelWriter<LineBatch> lines)
{
    private const int ReadBytes = 256 * 1024;
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(100);

    /// <summary>Reads all partitions, to where they end now or until it is stopped.</summary>
    internal async Task RunAsync(Func<string, SourcePosition> positionOf, bool follows, CancellationToken stop)
    {
        await broker.CreateTopicAsync(topic, 1, isCompacted: false);
        int partitions = await broker.FindTopicAsync(topic) ?? throw new SourceException($"Topic '{topic}' does not exist and could not be created; check its name.");
        await Task.WhenAll(Enumerable.Range(0, partitions).Select(partition => ReadAsync(partition, positionOf, follows, stop)));
    }

    private async Task ReadAsync(int partition, Func<string, SourcePosition> positionOf, bool follows, CancellationToken stop)
    {
        // No file has such a name: files are named by their full path.
        string name = $"topic:{topic}/{partition}";
        var reader = new RecordReader(broker, topic, partition, positionOf(name).Bytes);
        long end = follows ? long.MaxValue : (await broker.GetRangeAsync(topic, partition)).End;
        while (reader.Offset < end && !stop.IsCancellationRequested)
        {
            if (await reader.ReadAsync(ReadBytes, Wait) is not { } batch) continue;
            LineBatch found = Copy(batch, name, reader.Offset);
            batch.Release();
            if (found.Lines.Count > 0) await lines.WriteAsync(found, stop);
        }
    }

    private static LineBatch Copy(RecordBatch batch, string name, long offset)
    {
        var copies = new ReadOnlyMemory<byte>[batch.Count];
        long[] came = new long[batch.Count];
        for (int i = 0; i < batch.Count; i++)
        {
            ref readonly RecordEntry entry = ref batch.Entries[i];
            copies[i] = batch.Value(in entry).ToArray();
            came[i] = entry.Timestamp;
        }

        return new LineBatch(name, copies, new SourcePosition(offset, 0, 0), came);
    }
}
