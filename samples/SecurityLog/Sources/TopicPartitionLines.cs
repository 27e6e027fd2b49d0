using Pipelines.Execution;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Clients;
using SecurityLog.Syslog;

namespace SecurityLog.Sources;

/// <summary>The next lines of one partition of a topic, with their times.</summary>
internal sealed class TopicPartitionLines(IBroker broker, string topic, int partition, long offset)
{
    private const int ReadBytes = 256 * 1024;
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(50);
    private readonly RecordReader reader = new(broker, topic, partition, offset);
    private readonly Queue<(byte[] Line, long CameMs, long TimeMs, long NextOffset)> queue = new();
    private readonly string name = NameOf(topic, partition);
    private long lastTime = long.MinValue;

    /// <summary>Whether a line has been read and not taken.</summary>
    internal bool HasNext => queue.Count > 0;

    /// <summary>The time of the next line.</summary>
    internal long NextTime => queue.Peek().TimeMs;

    /// <summary>Whether nothing was behind what has been read, when it was read.</summary>
    internal bool IsAtEnd { get; private set; }

    /// <summary>Names the partition where its position is kept. No file has such a name: files are named by their full path.</summary>
    internal static string NameOf(string topic, int partition) => $"topic:{topic}/{partition}";

    /// <summary>Reads on when all that was read is taken.</summary>
    /// <returns>Whether there was anything.</returns>
    internal async ValueTask<bool> FillAsync()
    {
        if (HasNext) return false;
        RecordBatch? batch = await reader.ReadAsync(ReadBytes, Wait);
        IsAtEnd = reader.Offset >= reader.End;
        if (batch is null) return false;
        for (int i = 0; i < batch.Count; i++) Add(batch, in batch.Entries[i]);
        batch.Release();
        return true;
    }

    /// <summary>Takes lines up to a time, at least one.</summary>
    internal LineBatch Take(long boundMs, int maxLines)
    {
        var lines = new List<ReadOnlyMemory<byte>>();
        var came = new List<long>();
        long next;
        do
        {
            (byte[] line, long cameMs, _, next) = queue.Dequeue();
            lines.Add(line);
            came.Add(cameMs);
        }
        while (HasNext && NextTime <= boundMs && lines.Count < maxLines);
        return new LineBatch(name, lines, new SourcePosition(next, 0, 0), came);
    }

    /// <summary>A line that has no time goes with the one before it.</summary>
    private void Add(RecordBatch batch, in RecordEntry entry)
    {
        byte[] line = batch.Value(in entry).ToArray();
        if (LineTime.TryOf(line, entry.Timestamp, out long time)) lastTime = time;
        queue.Enqueue((line, entry.Timestamp, lastTime, entry.Offset + 1));
    }
}
