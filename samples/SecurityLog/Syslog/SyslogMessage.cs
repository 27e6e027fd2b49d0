namespace SecurityLog.Syslog;

/// <summary>Which of the two layouts a line has.</summary>
internal enum SyslogFormat
{
    /// <summary>The layout that BSD syslog made common: time, host, <c>tag[pid]: message</c>.</summary>
    Rfc3164,

    /// <summary>Version 1 of the syslog protocol, with named fields and structured data.</summary>
    Rfc5424,
}

/// <summary>One parsed line. Every span points into the line that was parsed and is valid as long as that line is.</summary>
/// <remarks>A field that the line leaves out, or gives as the nil value <c>-</c>, is an empty span.</remarks>
internal readonly ref struct SyslogMessage
{
    /// <summary>The layout of the line.</summary>
    public SyslogFormat Format { get; init; }

    /// <summary>Facility times 8 plus severity, 0 to 191, or -1 when the line has no priority.</summary>
    public int Priority { get; init; }

    /// <summary>The facility, 0 (kernel) to 23, or -1 when the line has no priority.</summary>
    public int Facility => Priority < 0 ? -1 : Priority >> 3;

    /// <summary>The severity, 0 (emergency) to 7 (debug), or -1 when the line has no priority.</summary>
    public int Severity => Priority < 0 ? -1 : Priority & 7;

    /// <summary>When it happened, in UTC; <see langword="null"/> when an RFC 5424 line gives the nil value.</summary>
    /// <remarks>RFC 3164 names neither year nor zone: the caller gives the year, and the zone is taken as UTC.</remarks>
    public DateTimeOffset? EventTime { get; init; }

    /// <summary>The host that wrote the line: printable ASCII.</summary>
    public ReadOnlySpan<byte> Host { get; init; }

    /// <summary>The program: APP-NAME of RFC 5424, or the tag of RFC 3164 without its process id.</summary>
    public ReadOnlySpan<byte> AppName { get; init; }

    /// <summary>The process id, as text.</summary>
    public ReadOnlySpan<byte> ProcId { get; init; }

    /// <summary>MSGID of RFC 5424.</summary>
    public ReadOnlySpan<byte> MessageId { get; init; }

    /// <summary>The structured data of RFC 5424 as written, brackets and escapes included.</summary>
    public ReadOnlySpan<byte> StructuredData { get; init; }

    /// <summary>What was said, as written and without a byte order mark. Not promised to be UTF-8 unless the line had that mark.</summary>
    public ReadOnlySpan<byte> Message { get; init; }
}
