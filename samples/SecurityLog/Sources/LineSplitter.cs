namespace SecurityLog.Sources;

/// <summary>Cuts bytes into lines as they come, in pieces of any size. LF and CRLF end a line.</summary>
internal sealed class LineSplitter
{
    /// <summary>A longer line is cut off there: what is behind is a line of its own, and so is seen and not lost.</summary>
    internal const int MaxLineBytes = 64 * 1024;

    private byte[] rest = [];

    /// <summary>Bytes that have come and belong to a line that has not ended.</summary>
    internal int RestBytes => rest.Length;

    /// <summary>Takes the next bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="lines">Gets the lines that they complete.</param>
    internal void Take(ReadOnlySpan<byte> bytes, List<ReadOnlyMemory<byte>> lines)
    {
        byte[] all = rest.Length == 0 ? bytes.ToArray() : [.. rest, .. bytes];
        int start = 0;
        while (start < all.Length)
        {
            int length = all.AsSpan(start).IndexOf((byte)'\n');
            if (length < 0 && all.Length - start <= MaxLineBytes) break;
            bool isCut = length < 0 || length > MaxLineBytes;
            int taken = isCut ? MaxLineBytes : length;
            lines.Add(Trim(all.AsMemory(start, taken)));
            start += isCut ? taken : taken + 1;
        }

        rest = start == all.Length ? [] : all[start..];
    }

    /// <summary>The end of the source ends its last line too.</summary>
    internal void End(List<ReadOnlyMemory<byte>> lines)
    {
        if (rest.Length > 0) lines.Add(Trim(rest));
        rest = [];
    }

    private static ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> line) => line.Span is [.., (byte)'\r'] ? line[..^1] : line;
}
