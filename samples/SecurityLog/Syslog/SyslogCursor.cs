namespace SecurityLog.Syslog;

/// <summary>A place in a line that moves forward only; the first failure is kept.</summary>
internal ref struct SyslogCursor(ReadOnlySpan<byte> line)
{
    private readonly ReadOnlySpan<byte> line = line;

    /// <summary>The next byte to read, from 0.</summary>
    public int Position { get; private set; }

    /// <summary>The failure, once a method has returned <see langword="false"/>.</summary>
    public SyslogError Error { get; private set; }

    /// <summary>What has not been read.</summary>
    public readonly ReadOnlySpan<byte> Rest => line[Position..];

    /// <summary>Whether everything has been read.</summary>
    public readonly bool AtEnd => Position == line.Length;

    /// <summary>The byte <paramref name="ahead"/> places on, or -1 behind the end.</summary>
    public readonly int Peek(int ahead = 0) => Position + ahead < line.Length ? line[Position + ahead] : -1;

    /// <summary>What was read since <paramref name="start"/>.</summary>
    public readonly ReadOnlySpan<byte> Since(int start) => line[start..Position];

    /// <summary>Goes on by bytes that <see cref="Rest"/> has.</summary>
    public void Skip(int bytes) => Position += bytes;

    /// <summary>Fails at the current place.</summary>
    public bool Fail(string expected) => FailAt(Position, expected);

    /// <summary>Fails at a place that was passed already.</summary>
    public bool FailAt(int position, string expected)
    {
        Error = new SyslogError(position, expected, position < line.Length ? line[position] : -1);
        return false;
    }

    /// <summary>Reads one given byte.</summary>
    public bool Expect(byte wanted, string expected)
    {
        if (Peek() != wanted) return Fail(expected);
        Position++;
        return true;
    }

    /// <summary>Reads exactly <paramref name="digits"/> digits whose value lies in a range.</summary>
    public bool TryNumber(int digits, int least, int most, string expected, out int value)
    {
        int start = Position;
        value = 0;
        for (int i = 0; i < digits; i++, Position++)
        {
            int next = Peek();
            if (!IsDigit(next)) return Fail(expected);
            value = (value * 10) + (next - '0');
        }

        return (value >= least && value <= most) || FailAt(start, expected);
    }

    /// <summary>Reads printable ASCII up to a space or the end; at least one byte.</summary>
    public bool TryToken(string expected, out ReadOnlySpan<byte> token)
    {
        int start = Position;
        while (Peek() is >= 0x21 and <= 0x7E) Position++;
        token = line[start..Position];
        return (Position > start && Peek() is ' ' or -1) || Fail(expected);
    }

    /// <summary>Whether <paramref name="value"/>, as <see cref="Peek"/> gives it, is a digit.</summary>
    public static bool IsDigit(int value) => value is >= '0' and <= '9';
}
