using System.Text;

namespace Pipelines.Protocol.Client;

/// <summary>The first bytes that came are no frame of Kafka's protocol, and what they look like.</summary>
internal sealed class ForeignAnswerException : Exception
{
    private const int ShownBytes = 40;

    internal ForeignAnswerException(ReadOnlySpan<byte> first) : base(Describe(first)) => IsTls = LooksLikeTls(first);

    /// <summary>True when they are a record of TLS.</summary>
    internal bool IsTls { get; }

    private static string Describe(ReadOnlySpan<byte> first)
    {
        if (LooksLikeTls(first)) return "it answers in TLS";
        int line = first.IndexOfAny((byte)'\r', (byte)'\n');
        ReadOnlySpan<byte> shown = first[..Math.Min(line < 0 ? first.Length : line, ShownBytes)];
        return shown.ContainsAnyExceptInRange((byte)' ', (byte)'~')
            ? $"it answers with the bytes {Convert.ToHexString(shown[..Math.Min(shown.Length, 8)])}"
            : $"it answers '{Encoding.ASCII.GetString(shown)}'";
    }

    /// <summary>An alert, a handshake or data, in any version there has been.</summary>
    /// <remarks>Source: RFC 8446, section 5.1.</remarks>
    private static bool LooksLikeTls(ReadOnlySpan<byte> first) => first.Length > 1 && first[0] is >= 20 and <= 23 && first[1] == 3;
}
