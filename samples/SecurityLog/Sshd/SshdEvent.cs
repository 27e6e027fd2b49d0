namespace SecurityLog.Sshd;

/// <summary>What sshd reported.</summary>
public enum SshdEventKind
{
    /// <summary>Somebody asked for a user that the host does not have.</summary>
    InvalidUser,

    /// <summary>A password was refused.</summary>
    FailedPassword,
}

/// <summary>One report of sshd. The spans point into the message that was read and are valid as long as it is.</summary>
internal readonly ref struct SshdEvent
{
    /// <summary>What was reported.</summary>
    public SshdEventKind Kind { get; init; }

    /// <summary>How many times: 1, or the number of a <c>message repeated N times</c>.</summary>
    public int Count { get; init; }

    /// <summary>The name as the client sent it: chosen by whoever attacks, empty or with spaces if they like, not promised to be UTF-8.</summary>
    public ReadOnlySpan<byte> User { get; init; }

    /// <summary>Whether the host has no such user; always so for <see cref="SshdEventKind.InvalidUser"/>.</summary>
    public bool UserIsInvalid { get; init; }

    /// <summary>An IPv4 or IPv6 address, or a host name: ASCII.</summary>
    public ReadOnlySpan<byte> Address { get; init; }

    /// <summary>The client's port, or -1 when the message names none.</summary>
    public int Port { get; init; }
}
