using System.Text;
using SecurityLog.Syslog;

namespace SecurityLog.Tests;

public sealed class SyslogParserTests
{
    private sealed record Parts(
        SyslogFormat Format, int Facility, int Severity, string Time, string Host, string App, string Proc, string Id, string Data, string Text);

    private static byte[] Bytes(string line) => Encoding.Latin1.GetBytes(line);

    private static Parts Parse(string line, int year = 2025) => Parse(Encoding.UTF8.GetBytes(line), year);

    private static Parts Parse(byte[] line, int year = 2025)
    {
        Assert.True(SyslogParser.TryParse(line, year, out var m, out var error), error.ToString());
        return new Parts(
            m.Format, m.Facility, m.Severity, m.EventTime is { } time ? time.ToString("O") : "-", Utf8(m.Host), Utf8(m.AppName),
            Utf8(m.ProcId), Utf8(m.MessageId), Utf8(m.StructuredData), Utf8(m.Message));
    }

    private static string Utf8(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private static string Reason(string line, int year = 2025)
    {
        Assert.False(SyslogParser.TryParse(Bytes(line), year, out _, out var error));
        return error.ToString();
    }

    [Theory]
    [InlineData("Dec 10 06:55:46 LabSZ sshd[24200]: hello", -1, -1, "LabSZ", "sshd", "24200", "hello")]
    [InlineData("<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick", 4, 2, "mymachine", "su", "", "'su root' failed for lonvick")]
    [InlineData("<0>Oct  1 22:14:15 h k: m", 0, 0, "h", "k", "", "m")]
    [InlineData("<191>Oct 01 22:14:15 h k: m", 23, 7, "h", "k", "", "m")]
    [InlineData("Oct 1 22:14:15 h k: m", -1, -1, "h", "k", "", "m")]
    [InlineData("Dec 10 06:55:46 10.0.0.1 %ASA-6-302013: Built", -1, -1, "10.0.0.1", "%ASA-6-302013", "", "Built")]
    [InlineData("Dec 10 06:55:46 fe80:: sshd[1]: x", -1, -1, "fe80::", "sshd", "1", "x")]
    [InlineData("Dec 10 06:55:46 h last message repeated 3 times", -1, -1, "h", "", "", "last message repeated 3 times")]
    [InlineData("Dec 10 06:55:46 h postfix/smtpd[7]:  two spaces", -1, -1, "h", "postfix/smtpd", "7", " two spaces")]
    [InlineData("Dec 10 06:55:46 h app[7] no colon", -1, -1, "h", "app", "7", "no colon")]
    [InlineData("Dec 10 06:55:46 h app[never closed: x", -1, -1, "h", "", "", "app[never closed: x")]
    [InlineData("Dec 10 06:55:46 h app:", -1, -1, "h", "app", "", "")]
    [InlineData("Dec 10 06:55:46 h ", -1, -1, "h", "", "", "")]
    [InlineData("Dec 10 06:55:46 h app: a\0b", -1, -1, "h", "app", "", "a\0b")]
    [InlineData("Dec 10 06:55:46 h sshd[1]: x\r\n", -1, -1, "h", "sshd", "1", "x")]
    [InlineData("Dec 10 06:55:46 h sshd[1]: x\n", -1, -1, "h", "sshd", "1", "x")]
    public void Bsd_lines(string line, int facility, int severity, string host, string app, string proc, string text)
    {
        var parts = Parse(line);
        Assert.Equal(
            (SyslogFormat.Rfc3164, facility, severity, host, app, proc, text),
            (parts.Format, parts.Facility, parts.Severity, parts.Host, parts.App, parts.Proc, parts.Text));
    }

    [Theory]
    [InlineData("Dec 10 06:55:46 h a: m", 2025, "2025-12-10T06:55:46.0000000+00:00")]
    [InlineData("Feb 29 00:00:00 h a: m", 2024, "2024-02-29T00:00:00.0000000+00:00")]
    [InlineData("Dec 31 23:59:59 h a: m", 2026, "2026-12-31T23:59:59.0000000+00:00")]
    [InlineData("Jan  1 00:00:00 h a: m", 1, "0001-01-01T00:00:00.0000000+00:00")]
    [InlineData("2025-12-10T06:55:46.123456+01:00 h a: m", 1999, "2025-12-10T05:55:46.1234560+00:00")]
    [InlineData("<13>2025-12-10T06:55:46Z h a: m", 1999, "2025-12-10T06:55:46.0000000+00:00")]
    public void Bsd_times_take_the_callers_year_and_utc(string line, int year, string expected)
    {
        var parts = Parse(line, year);
        Assert.Equal((SyslogFormat.Rfc3164, expected), (parts.Format, parts.Time));
    }

    [Theory]
    // The examples of RFC 5424, section 6.5.
    [InlineData(
        "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \u00EF\u00BB\u00BF'su root' failed for lonvick on /dev/pts/8",
        "2003-10-11T22:14:15.0030000+00:00", "mymachine.example.com", "su", "", "ID47", "", "'su root' failed for lonvick on /dev/pts/8")]
    [InlineData(
        "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
        "2003-08-24T12:14:15.0000030+00:00", "192.0.2.1", "myproc", "8710", "", "", "%% It's time to make the do-nuts.")]
    [InlineData(
        "<165>1 2003-10-11T22:14:15.003Z m evntslog - ID47 [exampleSDID@32473 iut=\"3\" eventSource=\"Application\" eventID=\"1011\"][examplePriority@32473 class=\"high\"]",
        "2003-10-11T22:14:15.0030000+00:00", "m", "evntslog", "", "ID47",
        "[exampleSDID@32473 iut=\"3\" eventSource=\"Application\" eventID=\"1011\"][examplePriority@32473 class=\"high\"]", "")]
    [InlineData("<0>1 - - - - - -", "-", "", "", "", "", "", "")]
    [InlineData("<0>1 - h a p m - ", "-", "h", "a", "p", "m", "", "")]
    [InlineData("<0>1 - h a p m [x]  two", "-", "h", "a", "p", "m", "[x]", " two")]
    [InlineData("<0>1 - h a p m [x k=\"\\\"\\\\\\] \\n [\"] t", "-", "h", "a", "p", "m", "[x k=\"\\\"\\\\\\] \\n [\"]", "t")]
    [InlineData("<0>1 9999-12-31T23:59:59.999999999Z h a p m - t", "9999-12-31T23:59:59.9999999+00:00", "h", "a", "p", "m", "", "t")]
    [InlineData("<0>1 2024-02-29T00:00:00+23:59 h a p m - t", "2024-02-28T00:01:00.0000000+00:00", "h", "a", "p", "m", "", "t")]
    public void Protocol_lines(string line, string time, string host, string app, string proc, string id, string data, string text)
    {
        var parts = Parse(Bytes(line));
        Assert.Equal(SyslogFormat.Rfc5424, parts.Format);
        Assert.Equal((time, host, app, proc, id, data, text), (parts.Time, parts.Host, parts.App, parts.Proc, parts.Id, parts.Data, parts.Text));
    }

    [Fact]
    public void Message_behind_a_byte_order_mark_is_utf8()
    {
        Assert.Equal("κόσμε ✓", Parse("<13>1 - h a - - - \uFEFFκόσμε ✓").Text);
        Assert.Contains("at byte 23 expected UTF-8", Reason("<13>1 - h a - - - \u00EF\u00BB\u00BFab\u00FF"));
    }

    [Fact]
    public void Invalid_utf8_without_a_mark_is_passed_on_as_it_is()
    {
        Assert.True(SyslogParser.TryParse(Bytes("Dec 10 06:55:46 h a: \u00FF\u00FE"), 2025, out var message, out _));
        Assert.Equal([0xFF, 0xFE], message.Message.ToArray());
    }

    [Fact]
    public void Line_of_more_than_64_KiB_is_parsed()
    {
        string text = new('x', 200_000);
        Assert.Equal(text, Parse("Dec 10 06:55:46 h a: " + text).Text);
        Assert.Contains("at byte 200000", Reason("<13>1 - h a - - [" + new string('x', 199_983)));
    }

    [Theory]
    [InlineData("", "at byte 0 expected '<' of a priority or a time such as 'Dec 10 06:55:46', but found an empty line.")]
    [InlineData("\r\n", "at byte 0 expected '<' of a priority or a time such as 'Dec 10 06:55:46', but found an empty line.")]
    [InlineData("\0", "at byte 0 expected '<' of a priority or a time such as 'Dec 10 06:55:46', but found byte 0x00.")]
    [InlineData("hello", "at byte 0 expected '<' of a priority")]
    [InlineData("Hello", "at byte 0 expected a month name, Jan to Dec, but found 'H'.")]
    [InlineData("De", "at byte 0 expected a month name")]
    [InlineData("<13>", "at byte 4 expected a month name, Jan to Dec, but found the end of the line.")]
    [InlineData("<>Dec 10 06:55:46 h a: m", "at byte 1 expected a priority of '<', 0 to 191 and '>', but found '>'.")]
    [InlineData("<192>Dec 10 06:55:46 h a: m", "at byte 1 expected a priority")]
    [InlineData("<1234>Dec 10 06:55:46 h a: m", "at byte 4 expected a priority")]
    [InlineData("<13", "at byte 3 expected a priority")]
    [InlineData("Dec-10 06:55:46 h a: m", "at byte 3 expected a space after the month, but found '-'.")]
    [InlineData("Dec 32 06:55:46 h a: m", "at byte 4 expected a day that this month has")]
    [InlineData("Dec  0 06:55:46 h a: m", "at byte 5 expected a day")]
    [InlineData("Nov 31 06:55:46 h a: m", "at byte 4 expected a day")]
    [InlineData("Feb 29 06:55:46 h a: m", "at byte 4 expected a day that this month has in this year")]
    [InlineData("Dec 10 24:55:46 h a: m", "at byte 7 expected an hour, 00 to 23, but found '2'.")]
    [InlineData("Dec 10 06:60:46 h a: m", "at byte 10 expected a minute")]
    [InlineData("Dec 10 06:55:60 h a: m", "at byte 13 expected a second")]
    [InlineData("Dec 10 06:55:4", "at byte 14 expected a second, 00 to 59, but found the end of the line.")]
    [InlineData("Dec 10 06:55:46", "at byte 15 expected a space after the time")]
    [InlineData("Dec 10 06:55:46  h a: m", "at byte 16 expected a host name")]
    [InlineData("Dec 10 06:55:46 h\u00E9 a: m", "at byte 17 expected a host name in printable ASCII, but found byte 0xE9.")]
    [InlineData("Dec 10 06:55:46 host", "at byte 20 expected a space and the message")]
    [InlineData("Dec 10 06:55:46 sshd[1]: no host", "at byte 16 expected a host name, which this line leaves out")]
    [InlineData("<13>2 - h a - - -", "at byte 4 expected version 1 of RFC 5424, but found '2'.")]
    [InlineData("<13>12 - h a - - -", "at byte 5 expected a space after version 1")]
    [InlineData("<13>1 2025-13-01T00:00:00Z h a - - -", "at byte 11 expected a month, 01 to 12")]
    [InlineData("<13>1 2025-02-29T00:00:00Z h a - - -", "at byte 14 expected a day")]
    [InlineData("<13>1 2025-02-01 00:00:00Z h a - - -", "at byte 16 expected 'T'")]
    [InlineData("<13>1 2025-02-01T00:00:00 h a - - -", "at byte 25 expected 'Z' or an offset")]
    [InlineData("<13>1 2025-02-01T00:00:00.Z h a - - -", "at byte 26 expected a digit")]
    [InlineData("<13>1 2025-02-01T00:00:00.1234567890Z h a - - -", "at byte 35 expected at most nine digits")]
    [InlineData("<13>1 2025-02-01T00:00:00+0100 h a - - -", "at byte 28 expected ':' in the offset")]
    [InlineData("<13>1 0001-01-01T00:00:00+01:00 h a - - -", "at byte 25 expected an offset that stays within")]
    [InlineData("<13>1 - h a -", "at byte 13 expected a space and the next field")]
    [InlineData("<13>1 -  a - - -", "at byte 8 expected a host name in printable ASCII, or '-', but found a space.")]
    [InlineData("<13>1 - h a - - ", "at byte 16 expected structured data")]
    [InlineData("<13>1 - h a - - []", "at byte 17 expected the id")]
    [InlineData("<13>1 - h a - - [x", "at byte 18 expected ']' at the end")]
    [InlineData("<13>1 - h a - - [x ]", "at byte 19 expected the name of a parameter")]
    [InlineData("<13>1 - h a - - [x k]", "at byte 20 expected '='")]
    [InlineData("<13>1 - h a - - [x k=v]", "at byte 21 expected '\"' before the value")]
    [InlineData("<13>1 - h a - - [x k=\"v]", "at byte 23 expected '\\' before ']'")]
    [InlineData("<13>1 - h a - - [x k=\"v\\", "at byte 24 expected '\"' at the end")]
    [InlineData("<13>1 - h a - - [x]m", "at byte 19 expected a space before the message")]
    public void Bad_lines_name_position_and_expectation(string line, string expected) => Assert.Contains(expected, Reason(line));

    [Theory]
    [InlineData(0)]
    [InlineData(10_000)]
    [InlineData(int.MinValue)]
    public void Bad_year_is_an_error_and_no_exception(int year) => Assert.Contains("a year from 1 to 9999", Reason("Dec 10 06:55:46 h a: m", year));

    [Fact]
    public void Parsing_allocates_nothing_for_good_and_bad_lines()
    {
        byte[][] lines =
        [
            Bytes("<34>Dec 10 06:55:46 LabSZ sshd[24200]: Invalid user x from 1.2.3.4"),
            Bytes("<165>1 2003-10-11T22:14:15.003Z m evntslog - ID47 [a@1 b=\"\\\"3\"] text"),
            Bytes("Mar 33 10:05:5 damaged"),
        ];
        int parsed = 0;
        for (int warmUp = 0; warmUp < 2; warmUp++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 3_000; i++)
                if (SyslogParser.TryParse(lines[i % 3], 2025, out _, out _))
                    parsed++;
            if (warmUp > 0) Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(4_000, parsed);
    }
}
