using Pipelines;
using SecurityLog.Sources;
using SecurityLog.Sshd;
using SecurityLog.Syslog;

namespace SecurityLog.Detectors;

/// <summary>Parses each line once for all detectors. A line that is no syslog fails here, and so becomes one dead letter.</summary>
[Detector("sshd")]
public static partial class SshdParser
{
    /// <summary>Sends on what sshd said.</summary>
    public static void On(in SyslogLine line, in RecordInfo info, Emit<SshdReport> reports)
    {
        ReadOnlySpan<byte> bytes = line.Line.Utf8;
        if (bytes.Length > CappedLine.MaxBytes)
            throw new FormatException($"The line is longer than the {CappedLine.MaxBytes} bytes that are read of one; a source keeps those, and says behind them how many there were.");
        // The year matters only for the time, which the record has already.
        if (!SyslogParser.TryParse(bytes, year: 2000, out SyslogMessage message, out SyslogError error)) throw new FormatException($"The line is not syslog: {error}");
        ReadOnlySpan<byte> text = message.Message;
        ReadOnlySpan<byte> appName = message.AppName.IsEmpty ? TagWithoutColon(ref text) : message.AppName;
        if (!SshdReader.TryRead(appName, text, out SshdEvent report)) return;
        reports.Send(new(report.Kind, Part(line.Line, message.Host), Part(line.Line, report.User), Part(line.Line, report.Address), report.Count, info.EventTime));
    }

    /// <summary>rsyslog's traditional forwarding writes the tag of an RFC 5424 message without a colon behind it.</summary>
    private static ReadOnlySpan<byte> TagWithoutColon(ref ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)' ');
        if (end <= 0 || !SshdReader.IsSshd(text[..end])) return default;
        ReadOnlySpan<byte> tag = text[..end];
        text = text[(end + 1)..];
        return tag;
    }

    /// <summary>The part of the line that a span of it is: borrowed, not copied.</summary>
    private static Text Part(Text line, ReadOnlySpan<byte> part) =>
        part.IsEmpty ? default : line.Slice(OffsetOf(line.Utf8, part), part.Length);

    private static int OffsetOf(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> part)
    {
        whole.Overlaps(part, out int offset);
        return offset;
    }
}
