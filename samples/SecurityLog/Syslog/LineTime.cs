namespace SecurityLog.Syslog;

/// <summary>Dates a line by the time at which it came into the log.</summary>
internal static class LineTime
{
    /// <summary>What clocks and zones may be apart: a line can seem to be written that much after it came.</summary>
    private static readonly long AheadMs = (long)TimeSpan.FromDays(1).TotalMilliseconds;

    // A record's timestamp is whatever its writer put there; both ends keep a distance from what can be a year.
    private static readonly long FirstMs = new DateTimeOffset(3, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
    private static readonly long LastMs = new DateTimeOffset(9998, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    /// <summary>The line's time; when it names no year, in the last year that does not put it behind its coming.</summary>
    /// <param name="line">The line.</param>
    /// <param name="cameMs">When it came, in Unix milliseconds; for a line that our own sources wrote that is the line's time already.</param>
    /// <param name="timeMs">Unix milliseconds; <paramref name="cameMs"/> when the line has no time.</param>
    /// <returns>Whether the line is syslog.</returns>
    internal static bool TryOf(ReadOnlySpan<byte> line, long cameMs, out long timeMs)
    {
        cameMs = Math.Clamp(cameMs, FirstMs, LastMs);
        long latest = cameMs + AheadMs;
        int year = DateTimeOffset.FromUnixTimeMilliseconds(latest).Year;
        bool isSyslog = TryRead(line, year, out long? time);
        // A line that names its year says the same again; one of a 29 February is syslog in a year that has one.
        if (!isSyslog || time > latest) isSyslog = TryRead(line, year - 1, out time);
        timeMs = time ?? cameMs;
        return isSyslog;
    }

    private static bool TryRead(ReadOnlySpan<byte> line, int year, out long? timeMs)
    {
        bool isSyslog = SyslogParser.TryParse(line, year, out SyslogMessage message, out _);
        timeMs = message.EventTime?.ToUnixTimeMilliseconds();
        return isSyslog;
    }
}
