using System.Buffers;
using System.Buffers.Text;

namespace SecurityLog.Sshd;

/// <summary>Recognises what sshd says about users and passwords: no allocation, no exception.</summary>
/// <remarks>
/// <code>
/// Invalid user NAME from ADDRESS[ port N]
/// Failed password for [invalid user ]NAME from ADDRESS port N ssh2
/// message repeated N times: [ one of these]
/// </code>
/// NAME is what the client sent. It may hold <c> from 1.2.3.4 port 5</c> to point at somebody else, so the last <c> from </c> counts: sshd
/// itself writes what follows. <c> [preauth]</c>, which sshd adds to what its unprivileged child says, is ignored at the end.
/// </remarks>
internal static class SshdReader
{
    private static readonly SearchValues<byte> AddressBytes =
        SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.:%-_"u8);

    /// <summary>Whether a program is sshd: <c>sshd</c>, or <c>sshd-session</c>, which serves a connection since OpenSSH 9.8.</summary>
    public static bool IsSshd(ReadOnlySpan<byte> appName) =>
        appName.SequenceEqual("sshd"u8) || appName.SequenceEqual("sshd-session"u8);

    /// <summary>Reads one message.</summary>
    /// <param name="appName">The program that wrote it; anything but sshd is not read.</param>
    /// <param name="message">The text behind the tag.</param>
    /// <param name="report">What it says, as spans of <paramref name="message"/>.</param>
    /// <returns><see langword="false"/> for every other message.</returns>
    public static bool TryRead(ReadOnlySpan<byte> appName, ReadOnlySpan<byte> message, out SshdEvent report)
    {
        report = default;
        if (!IsSshd(appName)) return false;

        int count = 1;
        if (message.StartsWith("message repeated "u8) && !TryUnwrap(ref message, out count)) return false;
        message = WithoutEnd(message, " [preauth]"u8);

        if (TryAfter(message, "Invalid user "u8, out var rest)) return TryInvalidUser(rest, count, out report);
        if (TryAfter(message, "Failed password for "u8, out rest)) return TryFailedPassword(rest, count, out report);
        return false;
    }

    private static bool TryUnwrap(scoped ref ReadOnlySpan<byte> message, out int count)
    {
        var rest = message["message repeated "u8.Length..];
        if (!Utf8Parser.TryParse(rest, out count, out int digits) || count < 1 || rest[0] == '+'
            || !TryAfter(rest[digits..], " times: ["u8, out rest) || rest is not [.., (byte)']']) return false;
        rest = rest[..^1];
        message = rest is [(byte)' ', ..] ? rest[1..] : rest;
        return true;
    }

    private static bool TryInvalidUser(ReadOnlySpan<byte> rest, int count, out SshdEvent report)
    {
        report = default;
        if (!TrySplitAtLastFrom(rest, out var user, out var address)) return false;
        TryCutPort(ref address, out int port);
        if (!IsAddress(address)) return false;

        report = new SshdEvent
        {
            Kind = SshdEventKind.InvalidUser, Count = count, User = user, UserIsInvalid = true, Address = address, Port = port,
        };
        return true;
    }

    private static bool TryFailedPassword(ReadOnlySpan<byte> rest, int count, out SshdEvent report)
    {
        report = default;
        if (!rest.EndsWith(" ssh2"u8)
            || !TrySplitAtLastFrom(rest[..^" ssh2"u8.Length], out var user, out var address)
            || !TryCutPort(ref address, out int port)
            || !IsAddress(address)) return false;

        bool invalid = TryAfter(user, "invalid user "u8, out var name);
        report = new SshdEvent
        {
            Kind = SshdEventKind.FailedPassword, Count = count, User = invalid ? name : user, UserIsInvalid = invalid,
            Address = address, Port = port,
        };
        return true;
    }

    private static bool TrySplitAtLastFrom(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> before, out ReadOnlySpan<byte> after)
    {
        int from = text.LastIndexOf(" from "u8);
        before = from < 0 ? default : text[..from];
        after = from < 0 ? default : text[(from + " from "u8.Length)..];
        return from >= 0;
    }

    private static bool TryCutPort(scoped ref ReadOnlySpan<byte> address, out int port)
    {
        port = -1;
        int at = address.LastIndexOf(" port "u8);
        if (at < 0) return false;
        var digits = address[(at + " port "u8.Length)..];
        if (digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0
            || !Utf8Parser.TryParse(digits, out ushort value, out int read) || read != digits.Length) return false;
        port = value;
        address = address[..at];
        return true;
    }

    private static bool IsAddress(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(AddressBytes);

    private static bool TryAfter(ReadOnlySpan<byte> text, ReadOnlySpan<byte> start, out ReadOnlySpan<byte> rest)
    {
        bool starts = text.StartsWith(start);
        rest = starts ? text[start.Length..] : default;
        return starts;
    }

    private static ReadOnlySpan<byte> WithoutEnd(ReadOnlySpan<byte> text, ReadOnlySpan<byte> end) =>
        text.EndsWith(end) ? text[..^end.Length] : text;
}
