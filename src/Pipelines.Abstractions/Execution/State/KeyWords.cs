using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pipelines.Execution;

/// <summary>A key of up to 16 bytes as two little-endian words, padded with zeros. Of a longer key, its hash is the first word.</summary>
/// <remarks>
/// The hash folds a 64 by 64 bit product, so keys that count up spread evenly. Its constants are fixed: the same records give the same
/// table on every run. A key's length is compared beside the words, so padding is never taken for a key's own zeros.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
internal struct KeyWords
{
    /// <summary>The longest key that two words hold.</summary>
    internal const int Bytes = 16;

    internal ulong Low;
    internal ulong High;

    /// <summary>Loads a key.</summary>
    /// <returns>Its hash.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Load(ReadOnlySpan<byte> key, out KeyWords words)
    {
        int length = key.Length;
        words = default;
        if (length > Bytes) return words.Low = HashLong(key);

        ref byte first = ref MemoryMarshal.GetReference(key);
        if (length > 8)
        {
            words.Low = Unsafe.ReadUnaligned<ulong>(ref first);
            // The last eight bytes overlap the first word; shifted, what follows it remains.
            words.High = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, length - 8)) >> (8 * (16 - length));
        }
        else
        {
            words.Low = LoadShort(ref first, length);
        }

        return Fold(words.Low, words.High, length);
    }

    /// <summary>The hash of the key of <paramref name="length"/> bytes that was loaded.</summary>
    internal readonly ulong Hash(int length) => length > Bytes ? Low : Fold(Low, High, length);

    /// <summary>The first <paramref name="length"/> bytes of the key; only of a key that two words hold.</summary>
    [UnscopedRef]
    internal readonly ReadOnlySpan<byte> AsBytes(int length) =>
        MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in Low, 2))[..length];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong LoadShort(ref byte first, int length)
    {
        if (length == 8) return Unsafe.ReadUnaligned<ulong>(ref first);
        if (length >= 4)
        {
            ulong start = Unsafe.ReadUnaligned<uint>(ref first);
            ulong end = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, length - 4));
            return start | (end << (8 * (length - 4)));
        }

        ulong bytes = 0;
        for (int i = 0; i < length; i++) bytes |= (ulong)Unsafe.Add(ref first, i) << (8 * i);
        return bytes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong low, ulong high, int length)
    {
        ulong top = Math.BigMul(low ^ 0xA0761D6478BD642F, high ^ 0xE7037ED1A0B428DB ^ (ulong)length, out ulong bottom);
        top = Math.BigMul(top ^ bottom, 0x9E3779B97F4A7C15, out bottom);
        return top ^ bottom;
    }

    private static ulong HashLong(ReadOnlySpan<byte> key)
    {
        ulong hash = (ulong)key.Length;
        while (key.Length >= Bytes)
        {
            ulong low = BinaryPrimitives.ReadUInt64LittleEndian(key);
            ulong high = BinaryPrimitives.ReadUInt64LittleEndian(key[8..]);
            hash = BitOperations.RotateLeft(hash, 29) ^ Fold(low, high ^ hash, Bytes);
            key = key[Bytes..];
        }

        Span<byte> rest = stackalloc byte[Bytes];
        rest.Clear();
        key.CopyTo(rest);
        return Fold(BinaryPrimitives.ReadUInt64LittleEndian(rest) ^ hash, BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]), key.Length);
    }
}
