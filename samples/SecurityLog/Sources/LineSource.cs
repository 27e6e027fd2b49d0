using System.Threading.Channels;

namespace SecurityLog.Sources;

/// <summary>One open file, or standard input, read as lines from a position on.</summary>
/// <param name="name">Names it where its position is kept; empty for what cannot be read again.</param>
/// <param name="stream">The bytes.</param>
internal sealed class LineSource(string name, Stream stream) : IAsyncDisposable
{
    private const int ReadBytes = 1024 * 1024;
    private readonly byte[] head = new byte[SourcePosition.MaxHeadBytes];
    private LineSplitter splitter = new();
    private byte[]? buffer;
    private long position;

    /// <summary>Names it where its position is kept.</summary>
    internal string Name => name;

    /// <summary>The open file; null for what is no file or cannot be read again.</summary>
    internal FileStream? File => stream is FileStream { CanSeek: true } file ? file : null;

    /// <summary>Behind the last byte that was read.</summary>
    internal SourcePosition Reached => SourcePosition.Of(position, head);

    /// <summary>Whether what was read before is in this source; what cannot be read again is always read from where it is.</summary>
    internal bool Has(SourcePosition saved) => !stream.CanSeek || saved.IsIn(stream);

    /// <summary>Goes on behind what was read before, which must be in this source.</summary>
    internal void Resume(SourcePosition saved)
    {
        if (!stream.CanSeek) return;
        splitter = new LineSplitter();
        position = saved.Bytes;
        stream.Position = 0;
        stream.ReadExactly(head.AsSpan(0, (int)Math.Min(position, head.Length)));
        stream.Position = position;
    }

    /// <summary>Reads what is there now.</summary>
    /// <returns>Whether anything was.</returns>
    internal async Task<bool> ReadAsync(ChannelWriter<LineBatch> lines, CancellationToken stop)
    {
        buffer ??= new byte[ReadBytes];
        bool isAny = false;
        for (int read; (read = await stream.ReadAsync(buffer, stop)) > 0; isAny = true)
        {
            if (position < head.Length) buffer.AsSpan(0, (int)Math.Min(read, head.Length - position)).CopyTo(head.AsSpan((int)position));
            position += read;
            var batch = new List<ReadOnlyMemory<byte>>();
            splitter.Take(buffer.AsSpan(0, read), batch);
            await WriteAsync(batch, lines);
        }

        return isAny;
    }

    /// <summary>A last line without a line end is a line too.</summary>
    internal async Task EndAsync(ChannelWriter<LineBatch> lines)
    {
        var batch = new List<ReadOnlyMemory<byte>>();
        splitter.End(batch);
        await WriteAsync(batch, lines);
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private async Task WriteAsync(List<ReadOnlyMemory<byte>> batch, ChannelWriter<LineBatch> lines)
    {
        if (batch.Count > 0) await lines.WriteAsync(new LineBatch(name, batch, SourcePosition.Of(position - splitter.RestBytes, head)));
    }
}
