using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Pipelines.Protocol.Security;

/// <summary>The server's side of one SCRAM exchange: the client's first message, then its final one.</summary>
/// <remarks>Source: RFC 5802, sections 5 to 7, without channel binding. A client that asks for it is refused.</remarks>
/// <param name="scram">The hash.</param>
/// <param name="find">The keys of a user; for one that is not known those of some other password, so that nobody learns who is known.</param>
/// <param name="nonce">Printable characters without a comma, never the same twice.</param>
public sealed class ScramServer(ScramHash scram, Func<string, ScramKeys> find, string nonce)
{
    private string gs2Header = "";
    private string firstMessageBare = "";
    private string firstMessage = "";
    private string clientNonce = "";
    private string wholeNonce = "";
    private ScramKeys? keys;

    /// <summary>A server with a nonce of its own.</summary>
    public ScramServer(ScramHash scram, Func<string, ScramKeys> find)
        : this(scram, find, Convert.ToHexString(RandomNumberGenerator.GetBytes(24)))
    {
    }

    /// <summary>Who the client says it is; empty before its first message.</summary>
    public string User { get; private set; } = "";

    /// <summary>Takes the client's first message.</summary>
    /// <returns>The server's: nonce, salt and iterations.</returns>
    /// <exception cref="ScramException">The message is not one, or wants what is not here.</exception>
    public string FirstMessage(string clientFirst)
    {
        ArgumentNullException.ThrowIfNull(clientFirst);
        if (keys is not null) throw new ScramException("The client's first message came twice.");
        string[] parts = clientFirst.Split(',');
        if (parts.Length < 4 || parts[0] is not ("n" or "y")) throw new ScramException("The client's first message does not begin with 'n,,': channel binding is not here.");
        if (!parts[2].StartsWith("n=", StringComparison.Ordinal) || !parts[3].StartsWith("r=", StringComparison.Ordinal) || parts[3].Length == 2)
            throw new ScramException("The client's first message does not have a name and a nonce.");
        User = Unescape(parts[2][2..]);
        if (User.Length == 0) throw new ScramException("The client's name is empty.");
        if (parts[1].Length > 0 && (!parts[1].StartsWith("a=", StringComparison.Ordinal) || Unescape(parts[1][2..]) != User))
            throw new ScramException("The client wants to act for somebody else.");

        gs2Header = $"{parts[0]},{parts[1]},";
        firstMessageBare = clientFirst[gs2Header.Length..];
        clientNonce = parts[3][2..];
        wholeNonce = clientNonce + nonce;
        keys = find(User);
        return firstMessage = string.Create(CultureInfo.InvariantCulture, $"r={wholeNonce},s={Convert.ToBase64String(keys.Salt.Span)},i={keys.Iterations}");
    }

    /// <summary>Takes the client's final message.</summary>
    /// <param name="clientFinal">The message.</param>
    /// <param name="serverFinal">The server's proof, when the client's is right.</param>
    /// <returns><see langword="false"/> when the client does not know the password.</returns>
    /// <exception cref="ScramException">The message is not one, or belongs to another exchange.</exception>
    public bool TryFinish(string clientFinal, out string serverFinal)
    {
        ArgumentNullException.ThrowIfNull(clientFinal);
        if (keys is not { } known) throw new ScramException("The client's final message came before its first.");
        serverFinal = "";
        int at = clientFinal.LastIndexOf(",p=", StringComparison.Ordinal);
        string[] parts = clientFinal.Split(',');
        // librdkafka before 2.6.1 puts the client's nonce before the whole one once more (its #4895). Nothing else is taken (CVE-2024-56128).
        bool isOurs = parts.Length >= 3 && (parts[1] == $"r={wholeNonce}" || parts[1] == $"r={clientNonce}{wholeNonce}");
        if (at < 0 || !isOurs || parts[0] != $"c={Convert.ToBase64String(Encoding.UTF8.GetBytes(gs2Header))}")
            throw new ScramException("The client's final message does not have channel binding, nonce and proof of this exchange.");
        string authMessage = $"{firstMessageBare},{firstMessage},{clientFinal[..at]}";
        if (!scram.IsProof(Bytes(clientFinal[(at + 3)..]), known.StoredKey.ToArray(), authMessage)) return false;
        serverFinal = $"v={Convert.ToBase64String(scram.ServerSignature(known.ServerKey.ToArray(), authMessage))}";
        return true;
    }

    /// <summary>A name out of a SCRAM message, where only commas and equals signs are escaped.</summary>
    private static string Unescape(string name)
    {
        string plain = name.Replace("=2C", ",", StringComparison.Ordinal);
        return plain.Replace("=3D", "", StringComparison.Ordinal).Contains('=', StringComparison.Ordinal)
            ? throw new ScramException("The client's name has an '=' that is not escaped.")
            : plain.Replace("=3D", "=", StringComparison.Ordinal);
    }

    private static byte[] Bytes(string base64)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException problem)
        {
            throw new ScramException("The client's proof is not base 64.", problem);
        }
    }
}
