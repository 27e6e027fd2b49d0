using System.Globalization;

namespace SecurityLog.Syslog;

/// <summary>Why a line is not syslog: where, what was expected there, what was found. Free until it is turned into text.</summary>
/// <param name="Position">Byte of the line, from 0.</param>
/// <param name="Expected">A noun phrase: what a line has at this place.</param>
/// <param name="Found">The byte there, or -1 when the line ends there.</param>
internal readonly record struct SyslogError(int Position, string Expected, int Found)
{
    /// <summary>The reason as a sentence, for a dead letter.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"Not a syslog line: at byte {Position} expected {Expected}, but found {Describe(Found, Position)}.");

    private static string Describe(int found, int position) => found switch
    {
        -1 => position == 0 ? "an empty line" : "the end of the line",
        ' ' => "a space",
        >= 0x21 and <= 0x7E => $"'{(char)found}'",
        _ => string.Create(CultureInfo.InvariantCulture, $"byte 0x{found:X2}"),
    };
}
