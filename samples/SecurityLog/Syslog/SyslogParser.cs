namespace SecurityLog.Syslog;

/// <summary>Parses one line of RFC 3164 or RFC 5424 in place: no allocation, no exception.</summary>
/// <remarks>
/// The layout is told per line. <c>&lt;PRI&gt;</c> and a digit that is not a date is RFC 5424; everything else is the BSD layout, with or
/// without <c>&lt;PRI&gt;</c>, whose time is <c>Mmm dd hh:mm:ss</c> or, as rsyslog writes to files by default now, an RFC 3339 time.
/// </remarks>
internal static class SyslogParser
{
    /// <summary>The greatest priority: facility 23, severity 7.</summary>
    internal const int MaxPriority = 191;

    /// <summary>Parses <paramref name="line"/>.</summary>
    /// <param name="line">One line; one CR LF, LF or CR at its end is ignored.</param>
    /// <param name="year">The year of times that name none, 1 to 9999.</param>
    /// <param name="message">The parts, as spans of <paramref name="line"/>; default when the result is <see langword="false"/>.</param>
    /// <param name="error">Where and why, when the result is <see langword="false"/>.</param>
    /// <returns>Whether the line is syslog.</returns>
    public static bool TryParse(ReadOnlySpan<byte> line, int year, out SyslogMessage message, out SyslogError error)
    {
        var cursor = new SyslogCursor(LineEnd.Trim(line));
        int priority = -1;
        message = default;
        bool parsed = (cursor.Peek() != '<' || TryPriority(ref cursor, out priority))
            && (priority >= 0 && IsVersion(cursor)
                ? Rfc5424.TryParse(ref cursor, priority, out message)
                : Rfc3164.TryParse(ref cursor, priority, year, out message));
        error = parsed ? default : cursor.Error;
        if (!parsed) message = default;
        return parsed;
    }

    // RFC 5424 has a version of one to three digits here; a date of RFC 3339 has four.
    private static bool IsVersion(in SyslogCursor cursor) =>
        SyslogCursor.IsDigit(cursor.Peek()) && !SyslogTime.StartsWithDate(cursor);

    private static bool TryPriority(scoped ref SyslogCursor cursor, out int priority)
    {
        const string Expected = "a priority of '<', 0 to 191 and '>'";
        cursor.Skip(1);
        int start = cursor.Position;
        priority = 0;
        while (SyslogCursor.IsDigit(cursor.Peek()) && cursor.Position - start < 3)
        {
            priority = (priority * 10) + (cursor.Peek() - '0');
            cursor.Skip(1);
        }

        if (cursor.Position == start || cursor.Peek() != '>') return cursor.Fail(Expected);
        if (priority > MaxPriority) return cursor.FailAt(start, Expected);
        cursor.Skip(1);
        return true;
    }
}
