using System.Security.Cryptography;
using System.Text;

namespace Pipelines.Protocol.Security;

/// <summary>The keys and proofs of SCRAM over one hash function, for clients and servers.</summary>
/// <remarks>
/// Source: RFC 5802, section 3; RFC 7677 for SHA-256. Names and passwords are taken as UTF-8 without SASLprep, as Kafka and its clients take them.
/// </remarks>
public sealed class ScramHash
{
    /// <summary>The fewest iterations that a password may be stretched with (RFC 7677, section 4).</summary>
    public const int LeastIterations = 4096;

    /// <summary>The most that a client accepts: a server could keep it busy otherwise.</summary>
    public const int MostIterations = 1_000_000;

    private static readonly byte[] ClientKeyText = "Client Key"u8.ToArray();
    private static readonly byte[] ServerKeyText = "Server Key"u8.ToArray();
    private readonly HashAlgorithmName hash;

    private ScramHash(string mechanismName, HashAlgorithmName hash, int sizeBytes)
    {
        MechanismName = mechanismName;
        this.hash = hash;
        SizeBytes = sizeBytes;
    }

    /// <summary>SCRAM-SHA-256.</summary>
    public static ScramHash Sha256 { get; } = new("SCRAM-SHA-256", HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);

    /// <summary>SCRAM-SHA-512.</summary>
    public static ScramHash Sha512 { get; } = new("SCRAM-SHA-512", HashAlgorithmName.SHA512, SHA512.HashSizeInBytes);

    /// <summary>The mechanism's name on the wire.</summary>
    public string MechanismName { get; }

    /// <summary>The size of keys, proofs and signatures.</summary>
    public int SizeBytes { get; }

    /// <summary>The hash of a mechanism's name, or null.</summary>
    public static ScramHash? Find(string mechanismName) =>
        mechanismName == Sha256.MechanismName ? Sha256 : mechanismName == Sha512.MechanismName ? Sha512 : null;

    /// <summary>The password, stretched: the secret that everything else comes from.</summary>
    public byte[] SaltedPassword(string password, ReadOnlySpan<byte> salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, hash, SizeBytes);

    /// <summary>The client's key.</summary>
    public byte[] ClientKey(byte[] saltedPassword) => Mac(saltedPassword, ClientKeyText);

    /// <summary>The server's key; a server keeps it.</summary>
    public byte[] ServerKey(byte[] saltedPassword) => Mac(saltedPassword, ServerKeyText);

    /// <summary>The hash of the client's key; a server keeps it and knows by it who knows the password.</summary>
    public byte[] StoredKey(byte[] clientKey) => CryptographicOperations.HashData(hash, clientKey);

    /// <summary>What the client sends: its key, hidden by a signature of the exchange.</summary>
    public byte[] ClientProof(byte[] clientKey, string authMessage) => Xor(clientKey, Mac(StoredKey(clientKey), Encoding.UTF8.GetBytes(authMessage)));

    /// <summary>What the server answers with: a signature that only who has the server's key can make.</summary>
    public byte[] ServerSignature(byte[] serverKey, string authMessage) => Mac(serverKey, Encoding.UTF8.GetBytes(authMessage));

    /// <summary>Whether a proof was made with the client's key that <paramref name="storedKey"/> is the hash of; takes the same time for every wrong one.</summary>
    public bool IsProof(ReadOnlySpan<byte> proof, byte[] storedKey, string authMessage)
    {
        if (proof.Length != SizeBytes) return false;
        byte[] clientKey = Xor(proof, Mac(storedKey, Encoding.UTF8.GetBytes(authMessage)));
        return CryptographicOperations.FixedTimeEquals(StoredKey(clientKey), storedKey);
    }

    private static byte[] Xor(ReadOnlySpan<byte> left, byte[] right)
    {
        var result = new byte[right.Length];
        for (int i = 0; i < result.Length; i++) result[i] = (byte)(left[i] ^ right[i]);
        return result;
    }

    private byte[] Mac(byte[] key, byte[] text) => CryptographicOperations.HmacData(hash, key, text);
}
