namespace SecurityLog.Syslog;

/// <summary>What ends a line: LF, or CR LF, or a CR whose LF was cut off.</summary>
internal static class LineEnd
{
    /// <summary>The line without its end; at most one end is taken off.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> line)
    {
        if (line is [.., (byte)'\n']) line = line[..^1];
        return line is [.., (byte)'\r'] ? line[..^1] : line;
    }
}
