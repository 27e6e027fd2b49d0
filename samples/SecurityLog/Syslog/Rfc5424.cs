using System.Text;
using System.Text.Unicode;

namespace SecurityLog.Syslog;

/// <summary>The syslog protocol behind its priority: <c>1 time host app-name procid msgid structured-data [message]</c>.</summary>
/// <remarks>
/// Source: RFC 5424, section 6. More generous than it in lengths (none is enforced) and in fractions of a second (nine digits).
/// A message that opens with a byte order mark has to be UTF-8; without the mark its encoding is unknown and it is passed on as it is.
/// </remarks>
internal static class Rfc5424
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Parses what follows the priority.</summary>
    public static bool TryParse(scoped ref SyslogCursor cursor, int priority, out SyslogMessage message)
    {
        message = default;
        if (!cursor.Expect((byte)'1', "version 1 of RFC 5424")
            || !cursor.Expect((byte)' ', "a space after version 1")
            || !TryTime(ref cursor, out DateTimeOffset? time)
            || !cursor.Expect((byte)' ', "a space after the time")
            || !TryField(ref cursor, "a host name in printable ASCII, or '-'", out var host)
            || !TryField(ref cursor, "an app name in printable ASCII, or '-'", out var appName)
            || !TryField(ref cursor, "a process id in printable ASCII, or '-'", out var procId)
            || !TryField(ref cursor, "a message id in printable ASCII, or '-'", out var messageId)) return false;

        int start = cursor.Position;
        if (!StructuredData.TryRead(ref cursor)) return false;
        var data = cursor.Since(start);

        if (!cursor.AtEnd && !cursor.Expect((byte)' ', "a space before the message, or the end of the line")) return false;
        if (!TryText(ref cursor, out var text)) return false;

        message = new SyslogMessage
        {
            Format = SyslogFormat.Rfc5424,
            Priority = priority,
            EventTime = time,
            Host = host,
            AppName = appName,
            ProcId = procId,
            MessageId = messageId,
            StructuredData = data is [(byte)'-'] ? default : data,
            Message = text,
        };
        return true;
    }

    private static bool TryTime(scoped ref SyslogCursor cursor, out DateTimeOffset? time)
    {
        time = null;
        if (cursor.Peek() == '-')
        {
            cursor.Skip(1);
            return true;
        }

        if (!SyslogTime.TryReadRfc3339(ref cursor, out var read)) return false;
        time = read;
        return true;
    }

    private static bool TryField(scoped ref SyslogCursor cursor, string expected, out ReadOnlySpan<byte> field)
    {
        if (!cursor.TryToken(expected, out field)) return false;
        if (field is [(byte)'-']) field = default;
        return cursor.Expect((byte)' ', "a space and the next field");
    }

    private static bool TryText(scoped ref SyslogCursor cursor, out ReadOnlySpan<byte> text)
    {
        text = cursor.Rest;
        if (!text.StartsWith(ByteOrderMark)) return true;
        cursor.Skip(ByteOrderMark.Length);
        text = cursor.Rest;
        return Utf8.IsValid(text) || cursor.FailAt(cursor.Position + ValidPrefix(text), "UTF-8, which the byte order mark promises");
    }

    private static int ValidPrefix(ReadOnlySpan<byte> text)
    {
        int valid = 0;
        while (Rune.DecodeFromUtf8(text[valid..], out _, out int bytes) == System.Buffers.OperationStatus.Done) valid += bytes;
        return valid;
    }
}
