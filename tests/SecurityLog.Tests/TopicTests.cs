using System.Globalization;
using System.Text;
using System.Text.Json;
using SecurityLog.Syslog;

namespace SecurityLog.Tests;

/// <summary>Raw lines that other clients wrote to a topic.</summary>
public sealed class TopicTests : IDisposable
{
    private static readonly DateTimeOffset Written = new(2026, 11, 23, 16, 0, 0, TimeSpan.Zero);
    private readonly string folder = Directory.CreateTempSubdirectory("security-log-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("syslog")]
    [InlineData("raw-lines")]
    public async Task Lines_that_another_client_wrote_are_found_once_whenever_they_were_written(string topic)
    {
        var lines = new List<string>();
        // A failed password every 100 seconds for five days: more than the grace of a window apart, all written at one time.
        for (var at = new DateTime(2025, 12, 1); at < new DateTime(2025, 12, 6); at = at.AddSeconds(100))
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{at:MMM dd HH:mm:ss} web sshd[1]: Failed password for root from 10.0.0.1 port 1 ssh2\n"));
        lines.Add("2025-12-03T09:11:00+01:00 db sshd[1]: Invalid user other from 10.0.0.2");
        lines.Add("this is no syslog");
        await LogReading.WriteAsync(folder, topic, 3, Written, lines);
        (int code, string output, string errors) = ProgramTests.Run("--topic", topic, "--exit", "--data", folder);
        Assert.Equal(0, code);
        Assert.Contains("1 dead letters", errors, StringComparison.Ordinal);
        JsonElement alert = Assert.Single(ProgramTests.Alerts(output));
        Assert.Equal("""{"alert":"invalid-users","host":"db","user":"other","address":"10.0.0.2","at":"2025-12-03T08:11:00Z"}""", alert.GetRawText());

        await LogReading.WriteAsync(folder, topic, 3, Written, Enumerable.Range(0, 4).Select(static i => $"Dec 10 09:11:0{i} web sshd[1]: Failed password for root from 10.0.0.3 port 1 ssh2"));
        alert = Assert.Single(ProgramTests.Alerts(ProgramTests.Run("--topic", topic, "--exit", "--data", folder).Output));
        Assert.Equal("""{"alert":"brute-force","address":"10.0.0.3","window":"2025-12-10T09:11:00Z","count":4}""", alert.GetRawText());
        Assert.Empty(ProgramTests.Alerts(ProgramTests.Run("--topic", topic, "--exit", "--data", folder).Output));
    }

    [Theory]
    [InlineData("Nov 23 15:59:59 h t: m", "2026-11-23T15:59:59Z")]
    [InlineData("Nov 24 01:00:00 h t: m", "2026-11-24T01:00:00Z")]
    [InlineData("Nov 25 01:00:00 h t: m", "2025-11-25T01:00:00Z")]
    [InlineData("Jan  1 00:00:00 h t: m", "2026-01-01T00:00:00Z")]
    [InlineData("2027-05-05T01:02:03.5Z h t: m", "2027-05-05T01:02:03.5Z")]
    [InlineData("2026-12-31T01:02:03Z h t: m", "2026-12-31T01:02:03Z")]
    [InlineData("<1>1 - h t - - - m", "2026-11-23T16:00:00Z")]
    public void A_line_without_a_year_is_dated_by_when_it_came(string line, string expected) =>
        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds(), TimeOf(Encoding.UTF8.GetBytes(line), Written.ToUnixTimeMilliseconds()));

    [Theory]
    [InlineData("2024-12-31T23:59:59Z", "Dec 31 23:59:59 h t: m")]
    [InlineData("2024-02-29T12:00:00Z", "Feb 29 12:00:00 h t: m")]
    [InlineData("2025-01-01T00:00:00Z", "Jan  1 00:00:00 h t: m")]
    public void A_line_that_is_stamped_with_its_own_time_keeps_it(string time, string line)
    {
        long stamped = DateTimeOffset.Parse(time, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
        Assert.Equal(stamped, TimeOf(Encoding.UTF8.GetBytes(line), stamped));
    }

    [Fact]
    public void A_line_of_the_leap_day_read_at_the_turn_of_a_year_keeps_its_day() =>
        Assert.Equal(
            new DateTimeOffset(2024, 2, 29, 12, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds(),
            TimeOf("Feb 29 12:00:00 h t: m"u8, new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds()));

    [Fact]
    public void What_is_no_syslog_has_no_time() => Assert.False(LineTime.TryOf("no syslog"u8, 1, out _));

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(-1)]
    public void A_record_may_have_a_timestamp_that_is_no_time(long timestamp) => Assert.True(LineTime.TryOf("Dec 10 12:00:00 h t: m"u8, timestamp, out _));

    private static long TimeOf(ReadOnlySpan<byte> line, long came) => LineTime.TryOf(line, came, out long time) ? time : throw new InvalidOperationException("The line is no syslog.");
}
