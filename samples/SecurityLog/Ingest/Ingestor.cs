using System.Text;
using System.Threading.Channels;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Clients;
using SecurityLog.Sources;
using SecurityLog.Syslog;

namespace SecurityLog.Ingest;

/// <summary>Writes lines to topic <c>syslog</c> in transactions, each with the position of the source behind them: a line is in the log once, whatever happens.</summary>
internal sealed class Ingestor : IAsyncDisposable
{
    /// <summary>The topic that the detectors read.</summary>
    internal const string Topic = "syslog";

    private const string PositionsTopic = "security-log.sources";
    private const long CommitBytes = 1024 * 1024;

    private readonly RecordWriter writer;
    private readonly Dictionary<string, SourcePosition> positions;
    private readonly int year;
    private readonly bool isYearGiven;
    private readonly TimeProvider clock;
    private long lastTime;
    private long lineCount;

    private Ingestor(RecordWriter writer, Dictionary<string, SourcePosition> positions, int year, bool isYearGiven, TimeProvider clock)
    {
        this.writer = writer;
        this.positions = positions;
        this.year = year;
        this.isYearGiven = isYearGiven;
        this.clock = clock;
    }

    /// <summary>Lines committed to the log.</summary>
    internal long LineCount => Volatile.Read(ref lineCount);

    /// <summary>Opens the log for writing, and reads where earlier runs ended.</summary>
    internal static async Task<Ingestor> OpenAsync(IBroker broker, int year, bool isYearGiven, TimeProvider clock)
    {
        RecordWriter writer = await RecordWriter.OpenAsync(broker, "security-log-ingest", clock);
        await writer.PrepareAsync(Topic);
        await writer.PrepareAsync(PositionsTopic, partitions: 1, isCompacted: true);
        var positions = new Dictionary<string, SourcePosition>(StringComparer.Ordinal);
        await new RecordReader(broker, PositionsTopic, 0).ReadToEndAsync((batch, entry) =>
            positions[Encoding.UTF8.GetString(batch.Key(in entry))] = SourcePosition.Parse(Encoding.UTF8.GetString(batch.Value(in entry))));
        return new Ingestor(writer, positions, year, isYearGiven, clock);
    }

    /// <summary>Where earlier runs ended in a source; its start when none read it.</summary>
    internal SourcePosition PositionOf(string source) => positions.GetValueOrDefault(source);

    /// <summary>Writes until the channel is completed and empty.</summary>
    internal async Task RunAsync(ChannelReader<LineBatch> lines)
    {
        var moved = new Dictionary<string, SourcePosition>(StringComparer.Ordinal);
        while (await lines.WaitToReadAsync())
        {
            int count = 0;
            while (writer.PendingBytes < CommitBytes && lines.TryRead(out LineBatch? batch))
            {
                int yearOfBatch = batch.Source == SampleLog.Name ? SampleLog.Year : year;
                for (int i = 0; i < batch.Lines.Count; i++) count += Send(batch.Lines[i].Span, yearOfBatch, batch.CameMs?[i]);
                if (batch.Source.Length > 0) moved[batch.Source] = batch.Position;
            }

            foreach ((string source, SourcePosition position) in moved)
            {
                byte[] value = Encoding.ASCII.GetBytes(position.ToString());
                writer.Send(PositionsTopic, hasKey: true, Encoding.UTF8.GetBytes(source), hasValue: true, value, clock.GetUtcNow().ToUnixTimeMilliseconds());
            }

            await writer.CommitAsync();
            moved.Clear();
            Interlocked.Add(ref lineCount, count);
        }
    }

    public ValueTask DisposeAsync() => writer.DisposeAsync();

    /// <summary>The record's key is the line's host and its timestamp the line's time. A line that is no syslog goes in as it is: the detectors' dead letters name it.</summary>
    private int Send(ReadOnlySpan<byte> line, int year, long? cameMs)
    {
        if (line.IsEmpty) return 0;
        if (cameMs is { } came && !isYearGiven && LineTime.TryOf(line, came, out long dated)) year = DateTimeOffset.FromUnixTimeMilliseconds(dated).Year;
        bool isSyslog = SyslogParser.TryParse(line, year, out SyslogMessage message, out _);
        // A line whose time cannot be read must not move stream time: it stands where the line before it stood.
        long time = isSyslog ? message.EventTime?.ToUnixTimeMilliseconds() ?? clock.GetUtcNow().ToUnixTimeMilliseconds() : lastTime;
        lastTime = time;
        writer.Send(Topic, hasKey: isSyslog, isSyslog ? message.Host : default, hasValue: true, line, time);
        return 1;
    }
}
