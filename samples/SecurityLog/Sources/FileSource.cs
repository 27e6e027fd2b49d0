using System.Threading.Channels;

namespace SecurityLog.Sources;

/// <summary>Reads a file, or standard input, from a position to its end.</summary>
internal static class FileSource
{
    private const int ReadBytes = 1024 * 1024;

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="SourceException">It is missing, a folder, or may not be read.</exception>
    internal static FileStream Open(string path)
    {
        try
        {
            if (Directory.Exists(path)) throw new SourceException($"Input '{path}' is a folder; name a file.");
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw new SourceException(denied is FileNotFoundException or DirectoryNotFoundException
                ? $"Input '{path}' does not exist; check the name."
                : $"Input '{path}' cannot be read: {denied.Message}");
        }
    }

    /// <summary>Reads what is behind a position.</summary>
    /// <param name="path">The file's full path; empty for standard input.</param>
    /// <param name="stream">The open file.</param>
    /// <param name="position">Where an earlier run ended.</param>
    /// <param name="warn">Told when the file is shorter than it was.</param>
    /// <param name="lines">Gets the lines.</param>
    internal static async Task ReadAsync(string path, Stream stream, long position, Action<string> warn, ChannelWriter<LineBatch> lines)
    {
        if (stream.CanSeek)
        {
            if (position > stream.Length)
            {
                warn($"Input '{path}' is shorter than it was ({stream.Length} bytes, {position} were read): it was replaced, so it is read from its start.");
                position = 0;
            }

            stream.Position = position;
        }

        var splitter = new LineSplitter();
        byte[] buffer = new byte[ReadBytes];
        while (true)
        {
            int read = await stream.ReadAsync(buffer);
            var batch = new List<ReadOnlyMemory<byte>>();
            if (read == 0) splitter.End(batch);
            else splitter.Take(buffer.AsSpan(0, read), batch);
            position += read;
            if (batch.Count > 0) await lines.WriteAsync(new LineBatch(path, batch, position - splitter.RestBytes));
            if (read == 0) return;
        }
    }
}

/// <summary>A source cannot be used; the message is for the person at the terminal.</summary>
internal sealed class SourceException(string message) : Exception(message);
