using System.Security.Cryptography;

namespace Pipelines.Protocol.Security;

/// <summary>What a server keeps of a password: enough to know who has it, not enough to log in with.</summary>
/// <remarks>Source: RFC 5802, section 5.1.</remarks>
/// <param name="Salt">What the password was stretched with.</param>
/// <param name="Iterations">How often.</param>
/// <param name="StoredKey">The hash of the client's key.</param>
/// <param name="ServerKey">The key that the server proves itself with.</param>
public sealed record ScramKeys(ReadOnlyMemory<byte> Salt, int Iterations, ReadOnlyMemory<byte> StoredKey, ReadOnlyMemory<byte> ServerKey)
{
    private const int SaltBytes = 24;

    /// <summary>The keys of a password under a salt of its own.</summary>
    public static ScramKeys Of(ScramHash scram, string password, int iterations = ScramHash.LeastIterations)
    {
        ArgumentNullException.ThrowIfNull(scram);
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return Of(scram, scram.SaltedPassword(password, salt, iterations), salt, iterations);
    }

    /// <summary>The keys of a password that was stretched already.</summary>
    public static ScramKeys Of(ScramHash scram, byte[] saltedPassword, ReadOnlyMemory<byte> salt, int iterations)
    {
        ArgumentNullException.ThrowIfNull(scram);
        return new(salt, iterations, scram.StoredKey(scram.ClientKey(saltedPassword)), scram.ServerKey(saltedPassword));
    }

    /// <summary>Whether it is the password; takes the same time for every wrong one.</summary>
    public bool IsPassword(ScramHash scram, string password)
    {
        ArgumentNullException.ThrowIfNull(scram);
        byte[] storedKey = scram.StoredKey(scram.ClientKey(scram.SaltedPassword(password, Salt.Span, Iterations)));
        return CryptographicOperations.FixedTimeEquals(storedKey, StoredKey.Span);
    }

    /// <summary>No key is written to a log.</summary>
    public override string ToString() => $"keys of {Iterations} iterations";
}
