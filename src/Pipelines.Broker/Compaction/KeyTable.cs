using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Pipelines.Broker.Compaction;

/// <summary>The last offset of each key, as far as the table goes.</summary>
/// <remarks>A key is known by 128 bits of its SHA-256, so that nobody can make two keys that are taken for one.</remarks>
internal sealed class KeyTable(int capacity)
{
    private readonly Dictionary<UInt128, long> last = [];

    internal bool IsFull => last.Count >= capacity;

    /// <summary>Notes a record.</summary>
    internal void Add(ReadOnlySpan<byte> key, long offset) => last[IdOf(key)] = offset;

    /// <summary>True when the table knows a later record of the key.</summary>
    internal bool HasLater(ReadOnlySpan<byte> key, long offset) => last.TryGetValue(IdOf(key), out long latest) && latest > offset;

    private static UInt128 IdOf(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }
}
