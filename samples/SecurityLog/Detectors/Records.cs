using Pipelines;
using SecurityLog.Sshd;
using SecurityLog.Syslog;

namespace SecurityLog.Detectors;

/// <summary>One line of syslog as it was received. Any client may write to the topic: the line tells host and time itself, whatever the record's key and timestamp are.</summary>
[Topic("syslog", Format = Format.Text)]
public readonly partial record struct SyslogLine([Key] Text Host, Text Line) : ITimedRecord<SyslogLine>
{
    /// <summary>The line's time; without one in it, the record's timestamp. What is no syslog must not move stream time.</summary>
    public static long ReadEventTime(in SyslogLine record, long timestampMs) => LineTime.TryOf(record.Line.Utf8, timestampMs, out long timeMs) ? timeMs : 0;
}

/// <summary>What sshd said in a line: a wire from the parser to the detectors, under the line's key.</summary>
public readonly partial record struct SshdReport(SshdEventKind Kind, Text Host, Text User, Text Address, int Count, DateTimeOffset At);

/// <summary>Failed passwords of one address: another key than the host's, so it is repartitioned.</summary>
public readonly partial record struct FailedPassword([Key] Text Address, int Count, [EventTime] DateTimeOffset At);

/// <summary>A finding, of either detector: what does not apply is null, and is left out of the JSON.</summary>
[Topic("alerts", Format = Format.Json)]
public readonly partial record struct Finding(
    string Alert, Text? Host, Text? User, [Key] Text Address, DateTimeOffset? At = null, DateTimeOffset? Window = null, long? Count = null);
