namespace SecurityLog.Syslog;

/// <summary>The two ways in which syslog writes a time.</summary>
internal static class SyslogTime
{
    private const string Month = "a month name, Jan to Dec";
    private const string Day = "a day that this month has in this year (RFC 3164 times take the year that the caller gives)";
    private const string Hour = "an hour, 00 to 23";
    private const string Minute = "a minute, 00 to 59";
    private const string Second = "a second, 00 to 59";
    private const string Zone = "'Z' or an offset from UTC such as +01:00";

    private const int MaxFractionDigits = 9;

    /// <summary>Whether four digits and a hyphen come next.</summary>
    public static bool StartsWithDate(in SyslogCursor cursor) =>
        SyslogCursor.IsDigit(cursor.Peek()) && SyslogCursor.IsDigit(cursor.Peek(1)) && SyslogCursor.IsDigit(cursor.Peek(2))
        && SyslogCursor.IsDigit(cursor.Peek(3)) && cursor.Peek(4) == '-';

    /// <summary>Reads <c>Mmm dd hh:mm:ss</c>; a day below 10 is padded with a space, with a zero or not at all.</summary>
    public static bool TryReadBsd(scoped ref SyslogCursor cursor, int year, out DateTimeOffset time)
    {
        time = default;
        if (year is < 1 or > 9999) return cursor.Fail("to be given a year from 1 to 9999");

        int month = MonthOf(cursor.Rest);
        if (month == 0) return cursor.Fail(Month);
        cursor.Skip(3);
        if (!cursor.Expect((byte)' ', "a space after the month")) return false;
        if (cursor.Peek() == ' ') cursor.Skip(1);

        int start = cursor.Position;
        int digits = SyslogCursor.IsDigit(cursor.Peek(1)) ? 2 : 1;
        if (!cursor.TryNumber(digits, 1, 31, Day, out int day)) return false;
        if (day > DateTime.DaysInMonth(year, month)) return cursor.FailAt(start, Day);
        if (!cursor.Expect((byte)' ', "a space after the day") || !TryReadClock(ref cursor, out long clock)) return false;

        time = new DateTimeOffset(new DateTime(year, month, day).Ticks + clock, TimeSpan.Zero);
        return true;
    }

    /// <summary>Reads an RFC 3339 time, as RFC 5424 uses it, and turns it into UTC. One to nine digits of a second's fraction are read.</summary>
    public static bool TryReadRfc3339(scoped ref SyslogCursor cursor, out DateTimeOffset time)
    {
        time = default;
        if (!cursor.TryNumber(4, 1, 9999, "a year, 0001 to 9999", out int year)
            || !cursor.Expect((byte)'-', "'-' after the year")
            || !cursor.TryNumber(2, 1, 12, "a month, 01 to 12", out int month)
            || !cursor.Expect((byte)'-', "'-' after the month")) return false;

        int start = cursor.Position;
        if (!cursor.TryNumber(2, 1, 31, Day, out int day)) return false;
        if (day > DateTime.DaysInMonth(year, month)) return cursor.FailAt(start, Day);
        if (!cursor.Expect((byte)'T', "'T' between date and time") || !TryReadClock(ref cursor, out long clock)) return false;

        long ticks = new DateTime(year, month, day).Ticks + clock;
        if (cursor.Peek() == '.' && !TryReadFraction(ref cursor, ref ticks)) return false;

        start = cursor.Position;
        if (!TryReadOffset(ref cursor, out long offset)) return false;
        ticks -= offset;
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks) return cursor.FailAt(start, "an offset that stays within the years 1 to 9999");

        time = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }

    private static bool TryReadClock(scoped ref SyslogCursor cursor, out long ticks)
    {
        ticks = 0;
        if (!cursor.TryNumber(2, 0, 23, Hour, out int hour)
            || !cursor.Expect((byte)':', "':' after the hour")
            || !cursor.TryNumber(2, 0, 59, Minute, out int minute)
            || !cursor.Expect((byte)':', "':' after the minute")
            || !cursor.TryNumber(2, 0, 59, Second, out int second)) return false;
        ticks = (((hour * 60L) + minute) * 60 + second) * TimeSpan.TicksPerSecond;
        return true;
    }

    private static bool TryReadFraction(scoped ref SyslogCursor cursor, ref long ticks)
    {
        cursor.Skip(1);
        int digits = 0;
        // What one unit of the digit is worth; digits finer than a tick (100 ns) are worth nothing.
        long unit = TimeSpan.TicksPerSecond / 10;
        for (; SyslogCursor.IsDigit(cursor.Peek()); digits++, unit /= 10, cursor.Skip(1))
        {
            if (digits == MaxFractionDigits) return cursor.Fail("at most nine digits of a second's fraction");
            ticks += (cursor.Peek() - '0') * unit;
        }

        return digits > 0 || cursor.Fail("a digit of the second's fraction");
    }

    private static bool TryReadOffset(scoped ref SyslogCursor cursor, out long ticks)
    {
        ticks = 0;
        int sign = cursor.Peek();
        if (sign is not ('Z' or '+' or '-')) return cursor.Fail(Zone);
        cursor.Skip(1);
        if (sign == 'Z') return true;
        if (!cursor.TryNumber(2, 0, 23, Hour, out int hours)
            || !cursor.Expect((byte)':', "':' in the offset from UTC")
            || !cursor.TryNumber(2, 0, 59, Minute, out int minutes)) return false;
        ticks = ((hours * 60) + minutes) * TimeSpan.TicksPerMinute * (sign == '-' ? -1 : 1);
        return true;
    }

    private static int MonthOf(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> names = "JanFebMarAprMayJunJulAugSepOctNovDec"u8;
        if (text.Length < 3) return 0;
        for (int month = 0; month < 12; month++)
            if (text[..3].SequenceEqual(names.Slice(month * 3, 3)))
                return month + 1;
        return 0;
    }
}
