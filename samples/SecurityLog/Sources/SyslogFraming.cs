namespace SecurityLog.Sources;

/// <summary>Cuts a TCP stream into messages: by a count in front of each, or by line ends, told per message.</summary>
/// <remarks>
/// Source: RFC 6587, sections 3.4.1 (octet counting) and 3.4.2 (non-transparent framing).
/// Undecided => Counted: a count, a space and '&lt;' have come; Undecided => Line: anything else; both => Undecided: the message has ended.
/// </remarks>
internal sealed class SyslogFraming
{
    private const int MaxCountDigits = 9;

    private enum Mode
    {
        Undecided,
        Counted,
        Line,
    }

    private readonly CappedLine open = new();
    private Mode mode;
    private byte[] undecided = [];
    private int count;

    /// <summary>Takes the next bytes.</summary>
    internal void Take(ReadOnlySpan<byte> bytes, List<ReadOnlyMemory<byte>> messages)
    {
        ReadOnlyMemory<byte> left = (byte[])[.. undecided, .. bytes];
        undecided = [];
        while (!left.IsEmpty)
        {
            if (mode == Mode.Undecided && !TryDecide(ref left)) return;
            if (mode == Mode.Counted) TakeCounted(ref left, messages);
            else TakeLine(ref left, messages);
        }
    }

    /// <summary>The end of the connection ends a message that had no end.</summary>
    /// <remarks>A counted message that is known to be incomplete keeps its count in front: so it is no syslog, and not taken for the whole.</remarks>
    internal void End(List<ReadOnlyMemory<byte>> messages)
    {
        ReadOnlyMemory<byte> rest = mode == Mode.Undecided ? undecided : open.Take();
        if (mode == Mode.Counted) rest = (byte[])[.. System.Text.Encoding.ASCII.GetBytes($"{count} "), .. rest.Span];
        if (!rest.IsEmpty) messages.Add(Trim(rest));
        undecided = [];
        mode = Mode.Undecided;
    }

    private bool TryDecide(ref ReadOnlyMemory<byte> left)
    {
        if (TryCount(left.Span, out int digits, out count, out bool isUndecided))
        {
            mode = Mode.Counted;
            left = left[(digits + 1)..];
            return true;
        }

        if (isUndecided) undecided = left.ToArray();
        else mode = Mode.Line;
        return !isUndecided;
    }

    private void TakeCounted(ref ReadOnlyMemory<byte> left, List<ReadOnlyMemory<byte>> messages)
    {
        int length = (int)Math.Min(left.Length, count - open.TotalBytes);
        if (length == count && count <= CappedLine.MaxBytes)
        {
            messages.Add(Trim(left[..length]));
            mode = Mode.Undecided;
        }
        else
        {
            open.Append(left.Span[..length]);
            if (open.TotalBytes == count) Complete(messages);
        }

        left = left[length..];
    }

    private void TakeLine(ref ReadOnlyMemory<byte> left, List<ReadOnlyMemory<byte>> messages)
    {
        int length = left.Span.IndexOf((byte)'\n');
        if (length < 0)
        {
            open.Append(left.Span);
            left = default;
            return;
        }

        if (open.TotalBytes == 0 && length <= CappedLine.MaxBytes)
        {
            if (length > 0) messages.Add(Trim(left[..length]));
            mode = Mode.Undecided;
        }
        else
        {
            open.Append(left.Span[..length]);
            Complete(messages);
        }

        left = left[(length + 1)..];
    }

    private void Complete(List<ReadOnlyMemory<byte>> messages)
    {
        messages.Add(Trim(open.Take()));
        mode = Mode.Undecided;
    }

    /// <summary>A count is one to nine digits, not beginning with 0, a space, and then the message, which begins with its priority.</summary>
    private static bool TryCount(ReadOnlySpan<byte> left, out int digits, out int count, out bool isUndecided)
    {
        count = 0;
        isUndecided = false;
        for (digits = 0; digits < left.Length && digits < MaxCountDigits && left[digits] is >= (byte)'0' and <= (byte)'9'; digits++) count = (count * 10) + (left[digits] - '0');
        if (digits == 0 || left[0] == '0') return false;
        if (digits + 1 >= left.Length)
        {
            isUndecided = digits == left.Length || left[digits] == ' ';
            return false;
        }

        return left[digits] == ' ' && left[digits + 1] == '<';
    }

    private static ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> message)
    {
        while (message.Span is [.., (byte)'\n' or (byte)'\r' or 0]) message = message[..^1];
        return message;
    }
}
