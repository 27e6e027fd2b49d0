namespace SecurityLog.Sources;

/// <summary>Cuts bytes into lines as they come, in pieces of any size. LF and CRLF end a line.</summary>
internal sealed class LineSplitter
{
    private readonly CappedLine open = new();

    /// <summary>Bytes that have come and belong to a line that has not ended.</summary>
    internal long RestBytes => open.TotalBytes;

    /// <summary>Takes the next bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="lines">Gets the lines that they complete.</param>
    internal void Take(ReadOnlySpan<byte> bytes, List<ReadOnlyMemory<byte>> lines)
    {
        ReadOnlyMemory<byte> left = bytes.ToArray();
        for (int length; (length = left.Span.IndexOf((byte)'\n')) >= 0; left = left[(length + 1)..])
        {
            if (open.TotalBytes == 0 && length <= CappedLine.MaxBytes)
            {
                lines.Add(Trim(left[..length]));
                continue;
            }

            open.Append(left.Span[..length]);
            lines.Add(Trim(open.Take()));
        }

        open.Append(left.Span);
    }

    /// <summary>The end of the source ends its last line too.</summary>
    internal void End(List<ReadOnlyMemory<byte>> lines)
    {
        if (open.TotalBytes > 0) lines.Add(Trim(open.Take()));
    }

    private static ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> line) => line.Span is [.., (byte)'\r'] ? line[..^1] : line;
}
