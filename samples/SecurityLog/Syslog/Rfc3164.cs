namespace SecurityLog.Syslog;

/// <summary>The BSD layout behind its priority: <c>time host tag[pid]: message</c>.</summary>
/// <remarks>
/// Source: RFC 3164, sections 4.1.2 and 4.1.3, which describe what was seen rather than what must be: tags are taken up to <c>:</c> or
/// <c>[</c> whatever their length, and a message without a tag has an empty <see cref="SyslogMessage.AppName"/>.
/// </remarks>
internal static class Rfc3164
{
    /// <summary>Parses what follows the priority.</summary>
    public static bool TryParse(scoped ref SyslogCursor cursor, int priority, int year, out SyslogMessage message)
    {
        message = default;
        DateTimeOffset time;
        if (SyslogTime.StartsWithDate(cursor))
        {
            if (!SyslogTime.TryReadRfc3339(ref cursor, out time)) return false;
        }
        else if (cursor.Position == 0 && cursor.Peek() is not (>= 'A' and <= 'Z'))
        {
            return cursor.Fail("'<' of a priority or a time such as 'Dec 10 06:55:46'");
        }
        else if (!SyslogTime.TryReadBsd(ref cursor, year, out time))
        {
            return false;
        }

        if (!cursor.Expect((byte)' ', "a space after the time")) return false;
        int start = cursor.Position;
        if (!cursor.TryToken("a host name in printable ASCII", out var host)) return false;
        if (IsTag(host)) return cursor.FailAt(start, "a host name, which this line leaves out before its tag");
        if (!cursor.Expect((byte)' ', "a space and the message after the host name")) return false;

        ReadTag(cursor.Rest, out var appName, out var procId, out var text);
        message = new SyslogMessage
        {
            Format = SyslogFormat.Rfc3164,
            Priority = priority,
            EventTime = time,
            Host = host,
            AppName = appName,
            ProcId = procId,
            Message = text,
        };
        return true;
    }

    // Local sockets leave the host out. An IPv6 address can end in "::", a tag never does.
    private static bool IsTag(ReadOnlySpan<byte> token) => token.EndsWith(":"u8) && !token.EndsWith("::"u8);

    private static void ReadTag(
        ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> appName, out ReadOnlySpan<byte> procId, out ReadOnlySpan<byte> text)
    {
        appName = procId = default;
        text = rest;
        int end = rest.IndexOfAny(" [:"u8);
        if (end <= 0 || rest[end] == ' ') return;

        int next = end;
        if (rest[end] == '[')
        {
            int close = rest[end..].IndexOfAny("] "u8);
            if (close < 0 || rest[end + close] != ']') return;
            procId = rest.Slice(end + 1, close - 1);
            next = end + close + 1;
        }

        appName = rest[..end];
        text = rest[next..];
        if (text is [(byte)':', ..]) text = text[1..];
        if (text is [(byte)' ', ..]) text = text[1..];
    }
}
