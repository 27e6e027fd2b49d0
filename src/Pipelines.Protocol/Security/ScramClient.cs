using System.Globalization;
using System.Security.Cryptography;

namespace Pipelines.Protocol.Security;

/// <summary>The client's side of one SCRAM exchange: first message, final message, check of the server's signature.</summary>
/// <remarks>Source: RFC 5802, sections 5 to 7, without channel binding (gs2 header <c>n,,</c>), as Kafka has it (KIP-84).</remarks>
/// <param name="scram">The hash.</param>
/// <param name="user">The user's name.</param>
/// <param name="password">The password.</param>
/// <param name="nonce">Printable characters without a comma, never the same twice.</param>
public sealed class ScramClient(ScramHash scram, string user, string password, string nonce)
{
    private const string Gs2Header = "n,,";
    private const string ChannelBinding = "c=biws"; // The header in base 64.
    private byte[] expectedSignature = [];

    /// <summary>A client with a nonce of its own.</summary>
    public ScramClient(ScramHash scram, string user, string password)
        : this(scram, user, password, Convert.ToHexString(RandomNumberGenerator.GetBytes(24)))
    {
    }

    /// <summary>What the client begins with.</summary>
    public string FirstMessage => Gs2Header + FirstMessageBare;

    private string FirstMessageBare => $"n={Escape(user)},r={nonce}";

    /// <summary>What the client answers the server's first message with.</summary>
    /// <exception cref="ScramException">The server's message is not one, or asks for what a client should not do.</exception>
    public string FinalMessage(string serverFirst)
    {
        string[] parts = serverFirst.Split(',');
        if (parts.Length < 3 || !parts[0].StartsWith("r=", StringComparison.Ordinal) || !parts[1].StartsWith("s=", StringComparison.Ordinal) || !parts[2].StartsWith("i=", StringComparison.Ordinal))
            throw new ScramException("The server's first message does not have nonce, salt and iterations.");
        string serverNonce = parts[0][2..];
        if (serverNonce.Length <= nonce.Length || !serverNonce.StartsWith(nonce, StringComparison.Ordinal)) throw new ScramException("The server's nonce does not go on from the client's.");
        if (!int.TryParse(parts[2].AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out int iterations) || iterations is < ScramHash.LeastIterations or > ScramHash.MostIterations)
            throw new ScramException($"The server asks for '{parts[2][2..]}' iterations; a client accepts {ScramHash.LeastIterations} to {ScramHash.MostIterations}.");

        byte[] salted = scram.SaltedPassword(password, Bytes(parts[1][2..], "salt"), iterations);
        string withoutProof = $"{ChannelBinding},r={serverNonce}";
        string authMessage = $"{FirstMessageBare},{serverFirst},{withoutProof}";
        expectedSignature = scram.ServerSignature(scram.ServerKey(salted), authMessage);
        return $"{withoutProof},p={Convert.ToBase64String(scram.ClientProof(scram.ClientKey(salted), authMessage))}";
    }

    /// <summary>Checks that the server knows the password's keys too.</summary>
    /// <exception cref="ScramException">It does not, or it refused the client.</exception>
    public void Verify(string serverFinal)
    {
        string first = serverFinal.Split(',')[0];
        if (first.StartsWith("e=", StringComparison.Ordinal)) throw new ScramException($"The server refused the proof: {first[2..]}.");
        bool isKnown = expectedSignature.Length > 0 && first.StartsWith("v=", StringComparison.Ordinal);
        if (!isKnown || !CryptographicOperations.FixedTimeEquals(Bytes(first[2..], "signature"), expectedSignature))
            throw new ScramException("The server's signature is wrong: it does not know the password.");
    }

    /// <summary>A name as SCRAM messages carry it.</summary>
    private static string Escape(string name) => name.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal);

    private static byte[] Bytes(string base64, string what)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException problem)
        {
            throw new ScramException($"The server's {what} is not base 64.", problem);
        }
    }
}

/// <summary>A SCRAM exchange that failed.</summary>
public sealed class ScramException(string message, Exception? inner = null) : Exception(message, inner);
