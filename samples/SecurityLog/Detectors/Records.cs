using Pipelines;
using SecurityLog.Sshd;

namespace SecurityLog.Detectors;

/// <summary>One line of syslog as it was received, without its line end. The record's timestamp is the line's time.</summary>
[Topic("syslog", Format = Format.Text)]
public readonly partial record struct SyslogLine([Key] Text Host, Text Line);

/// <summary>What sshd said in a line: a wire from the parser to the detectors, under the line's key.</summary>
public readonly partial record struct SshdReport(SshdEventKind Kind, Text Host, Text User, Text Address, int Count, DateTimeOffset At);

/// <summary>Failed passwords of one address: another key than the host's, so it is repartitioned.</summary>
public readonly partial record struct FailedPassword([Key] Text Address, int Count, [EventTime] DateTimeOffset At);

/// <summary>Somebody asked for a user that does not exist.</summary>
[Topic("alerts", Format = Format.Json)]
public readonly partial record struct InvalidUserAlert(string Alert, [Key] Text Host, Text User, Text Address, [EventTime] DateTimeOffset At);

/// <summary>An address failed more than three times within a minute.</summary>
[Topic("alerts", Format = Format.Json)]
public readonly partial record struct BruteForceAlert(string Alert, [Key] Text Address, DateTimeOffset Window, long Count);
