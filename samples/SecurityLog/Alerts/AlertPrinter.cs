using Pipelines.Execution;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Clients;

namespace SecurityLog.Alerts;

/// <summary>Prints committed alerts to standard output, one JSON object a line, and remembers how far it has come.</summary>
internal sealed class AlertPrinter : IAsyncDisposable
{
    private const string Topic = "alerts";
    private const string Group = "security-log-printer";
    private readonly IBroker broker;
    private readonly RecordWriter progress;
    private readonly Stream output;
    private readonly Action<Action> around;
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly LineBuffer lines = new();
    private long alertCount;
    private volatile bool isStopping;

    private AlertPrinter(IBroker broker, RecordWriter progress, Stream output, Action<Action> around)
    {
        this.broker = broker;
        this.progress = progress;
        this.output = output;
        this.around = around;
    }

    /// <summary>Opens a printer; an earlier one, should it still run, is fenced.</summary>
    /// <param name="broker">Has the alerts.</param>
    /// <param name="output">Gets them.</param>
    /// <param name="around">Makes room on the terminal for what is written within.</param>
    internal static async Task<AlertPrinter> OpenAsync(IBroker broker, Stream output, Action<Action> around) =>
        new(broker, await RecordWriter.OpenAsync(broker, Group), output, around);

    /// <summary>Alerts printed by this run.</summary>
    internal long AlertCount => Volatile.Read(ref alertCount);

    /// <summary>Prints until it is stopped and has come to the end.</summary>
    internal async Task RunAsync()
    {
        int partitions = await broker.FindTopicAsync(Topic) ?? throw new InvalidOperationException($"There is no topic '{Topic}': the detectors have not started.");
        await Task.WhenAll(Enumerable.Range(0, partitions).Select(PrintAsync));
    }

    /// <summary>Lets <see cref="RunAsync"/> end when everything that is committed now is printed.</summary>
    internal void Stop() => isStopping = true;

    private async Task PrintAsync(int partition)
    {
        var reader = new RecordReader(broker, Topic, partition, await broker.GetCommittedOffsetAsync(Group, Topic, partition) ?? 0);
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
            await CommitAsync(new OffsetCommit(Topic, partition, reader.Offset));
            Interlocked.Add(ref alertCount, count);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => progress.DisposeAsync();

    private async Task CommitAsync(OffsetCommit offset)
    {
        await turn.WaitAsync();
        try
        {
            await progress.CommitAsync(Group, [offset]);
        }
        finally
        {
            turn.Release();
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
