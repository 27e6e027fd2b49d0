namespace SecurityLog.Sources;

/// <summary>Cuts a TCP stream into messages: by a count in front of each, or by line ends, told per message.</summary>
/// <remarks>Source: RFC 6587, sections 3.4.1 (octet counting) and 3.4.2 (non-transparent framing).</remarks>
internal sealed class SyslogFraming
{
    private byte[] rest = [];

    /// <summary>Takes the next bytes.</summary>
    internal void Take(ReadOnlySpan<byte> bytes, List<ReadOnlyMemory<byte>> messages)
    {
        byte[] all = rest.Length == 0 ? bytes.ToArray() : [.. rest, .. bytes];
        int start = 0;
        while (start < all.Length && TryNext(all, ref start, messages))
        {
        }

        rest = start == all.Length ? [] : all[start..];
    }

    /// <summary>The end of the connection ends a message that had no end.</summary>
    internal void End(List<ReadOnlyMemory<byte>> messages)
    {
        if (rest.Length > 0) messages.Add(Trim(rest));
        rest = [];
    }

    private static bool TryNext(byte[] all, ref int start, List<ReadOnlyMemory<byte>> messages)
    {
        ReadOnlySpan<byte> left = all.AsSpan(start);
        if (TryCount(left, out int digits, out int count, out bool isUndecided))
        {
            if (left.Length < digits + 1 + count) return false;
            messages.Add(Trim(all.AsMemory(start + digits + 1, count)));
            start += digits + 1 + count;
            return true;
        }

        if (isUndecided) return false;
        int end = left.IndexOf((byte)'\n');
        if (end < 0 && left.Length <= LineSplitter.MaxLineBytes) return false;
        bool isCut = end < 0 || end > LineSplitter.MaxLineBytes;
        int length = isCut ? LineSplitter.MaxLineBytes : end;
        if (length > 0) messages.Add(Trim(all.AsMemory(start, length)));
        start += isCut ? length : length + 1;
        return true;
    }

    /// <summary>A count is one to five digits, not beginning with 0, a space, and then the message, which begins with its priority.</summary>
    private static bool TryCount(ReadOnlySpan<byte> left, out int digits, out int count, out bool isUndecided)
    {
        count = 0;
        isUndecided = false;
        for (digits = 0; digits < left.Length && digits < 6 && left[digits] is >= (byte)'0' and <= (byte)'9'; digits++) count = (count * 10) + (left[digits] - '0');
        if (digits == 0 || left[0] == '0' || digits == 6 || count > LineSplitter.MaxLineBytes) return false;
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
