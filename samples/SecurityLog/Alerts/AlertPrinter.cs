using Pipelines.Broker;
using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Execution;
using Pipelines.Hosting.Embedded;
using Pipelines.Runtime.Clients;

namespace SecurityLog.Alerts;

/// <summary>Prints committed alerts to standard output, one JSON object a line, and remembers how far it has come.</summary>
/// <param name="broker">Has the alerts.</param>
/// <param name="output">Gets them.</param>
/// <param name="around">Makes room on the terminal for what is written within.</param>
internal sealed class AlertPrinter(EngineBroker broker, Stream output, Action<Action> around)
{
    private const string Topic = "alerts";
    private const string Group = "security-log-printer";
    private readonly LineBuffer lines = new();
    private long alertCount;
    private volatile bool isStopping;

    /// <summary>Alerts printed by this run.</summary>
    internal long AlertCount => Volatile.Read(ref alertCount);

    /// <summary>Prints until it is stopped and has come to the end.</summary>
    internal async Task RunAsync()
    {
        int partitions = broker.Engine.FindTopic(Topic)!.Partitions;
        await Task.WhenAll(Enumerable.Range(0, partitions).Select(PrintAsync));
    }

    /// <summary>Lets <see cref="RunAsync"/> end when everything that is committed now is printed.</summary>
    internal void Stop() => isStopping = true;

    private async Task PrintAsync(int partition)
    {
        var id = new TopicPartition(Topic, partition);
        (_, GroupOffset? committed) = await broker.Engine.FindOffsetAsync(Group, id);
        var reader = new RecordReader(broker, Topic, partition, committed?.Offset ?? 0);
        while (true)
        {
            bool isLast = isStopping;
            RecordBatch? batch = await reader.ReadAsync(256 * 1024, TimeSpan.FromMilliseconds(100));
            if (batch is null)
            {
                if (isLast) return;
                continue;
            }

            int count = batch.Count;
            Print(batch);
            batch.Release();
            // Printed first, remembered next: a crash in between prints these again, where the other order would lose them.
            ErrorCode error = await broker.Engine.CommitOffsetsAsync(Group, [new GroupOffset(id, reader.Offset)]);
            if (error != ErrorCode.None) throw new InvalidOperationException($"The printer's offset in '{id}' could not be committed: {error}.");
            Interlocked.Add(ref alertCount, count);
        }
    }

    private void Print(RecordBatch batch)
    {
        lock (lines)
        {
            lines.Clear();
            for (int i = 0; i < batch.Count; i++) lines.WriteLine(batch.Value(in batch.Entries[i]));
            around(() =>
            {
                lines.CopyTo(output);
                output.Flush();
            });
        }
    }

    /// <summary>Lines that go out in one write, so that they are never mixed with others.</summary>
    private sealed class LineBuffer
    {
        private readonly MemoryStream buffer = new();

        internal void Clear() => buffer.SetLength(0);

        internal void WriteLine(ReadOnlySpan<byte> line)
        {
            buffer.Write(line);
            buffer.WriteByte((byte)'\n');
        }

        internal void CopyTo(Stream output) => output.Write(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
