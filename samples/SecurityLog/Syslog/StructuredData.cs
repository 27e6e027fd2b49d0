namespace SecurityLog.Syslog;

/// <summary>Structured data of RFC 5424: <c>-</c>, or elements such as <c>[id name="value"]</c> without anything between them.</summary>
/// <remarks>
/// Source: RFC 5424, section 6.3. In a value <c>"</c>, <c>\</c> and <c>]</c> are written with a backslash before them; before any
/// other byte a backslash stands for itself.
/// </remarks>
internal static class StructuredData
{
    /// <summary>Moves the cursor behind the structured data, which is left as written.</summary>
    public static bool TryRead(scoped ref SyslogCursor cursor)
    {
        if (cursor.Peek() == '-')
        {
            cursor.Skip(1);
            return true;
        }

        if (cursor.Peek() != '[') return cursor.Fail("structured data: '-' or '['");
        while (cursor.Peek() == '[')
            if (!TryElement(ref cursor))
                return false;
        return true;
    }

    private static bool TryElement(scoped ref SyslogCursor cursor)
    {
        cursor.Skip(1);
        if (!TryName(ref cursor, "the id of a structured data element")) return false;
        while (cursor.Peek() == ' ')
        {
            cursor.Skip(1);
            if (!TryName(ref cursor, "the name of a parameter")
                || !cursor.Expect((byte)'=', "'=' after the name of a parameter")
                || !cursor.Expect((byte)'"', "'\"' before the value of a parameter")
                || !TryValue(ref cursor)) return false;
        }

        return cursor.Expect((byte)']', "']' at the end of a structured data element, or a space and a parameter");
    }

    private static bool TryName(scoped ref SyslogCursor cursor, string expected)
    {
        int start = cursor.Position;
        while (cursor.Peek() is >= 0x21 and <= 0x7E and not ('=' or ']' or '"')) cursor.Skip(1);
        return cursor.Position > start || cursor.Fail(expected);
    }

    private static bool TryValue(scoped ref SyslogCursor cursor)
    {
        while (true)
        {
            int stop = cursor.Rest.IndexOfAny("\"\\]"u8);
            if (stop < 0)
            {
                cursor.Skip(cursor.Rest.Length);
                return cursor.Fail("'\"' at the end of the value of a parameter");
            }

            cursor.Skip(stop);
            int found = cursor.Peek();
            if (found == ']') return cursor.Fail("'\\' before ']' in the value of a parameter");
            bool escape = found == '\\' && cursor.Peek(1) is '"' or '\\' or ']';
            cursor.Skip(escape ? 2 : 1);
            if (found == '"') return true;
        }
    }
}
