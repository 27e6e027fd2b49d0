using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Pipelines.Execution;

/// <summary>A byte for each slot of a <see cref="KeyTable{T}"/>: empty, removed, or taken with seven bits of the key's hash.</summary>
/// <remarks>
/// The first group is repeated behind the last slot, so that a group can be read at any slot. Between the slot where a key's search
/// begins and the slot that holds it, no slot is empty.
/// </remarks>
internal readonly struct SlotTags(int size)
{
    /// <summary>How many slots a search looks at together.</summary>
    internal const int GroupSize = 16;

    private const byte Empty = 0;
    private const byte Removed = 1;
    private const byte Taken = 0x80;

    private readonly byte[] tags = new byte[size + GroupSize];

    /// <summary>The tag of a hash, once for each slot of a group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<byte> Wanted(ulong hash) => Vector128.Create(TagOf(hash));

    /// <summary>The tags of the slots from <paramref name="start"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Vector128<byte> Group(int start) => Vector128.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(tags), (nuint)start);

    /// <summary>Asks for the tags from <paramref name="start"/> on to be in the cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Prefetch(int start) => CacheLine.Prefetch(ref tags[start]);

    /// <summary>A bit for each slot of the group with the wanted tag.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Matches(Vector128<byte> group, Vector128<byte> wanted) => Vector128.Equals(group, wanted).ExtractMostSignificantBits();

    /// <summary>True when a search ends in the group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool HasEmpty(Vector128<byte> group) => Vector128.EqualsAny(group, Vector128<byte>.Zero);

    /// <summary>The slot that a key of this hash is put in: the first that is not taken. There must be one.</summary>
    internal int FirstFree(ulong hash)
    {
        int mask = tags.Length - GroupSize - 1;
        int index = (int)hash & mask;
        while (tags[index] >= Taken) index = (index + 1) & mask;
        return index;
    }

    /// <summary>Takes a slot.</summary>
    /// <returns>True when it was empty; false when its key had been removed.</returns>
    internal bool Set(int index, ulong hash)
    {
        bool wasEmpty = tags[index] == Empty;
        Write(index, TagOf(hash));
        return wasEmpty;
    }

    /// <summary>Marks a slot as removed, or as empty when no search goes beyond it.</summary>
    /// <returns>How many slots are empty now that were not before.</returns>
    internal int Remove(int index)
    {
        int mask = tags.Length - GroupSize - 1;
        Write(index, Removed);
        if (tags[(index + 1) & mask] != Empty) return 0;

        // At the end of a run: the slot is not passed by any search, nor are the removed ones just before it.
        int freed = 0;
        for (; tags[index] == Removed; index = (index - 1) & mask, freed++) Write(index, Empty);
        return freed;
    }

    internal void Clear() => Array.Clear(tags);

    // The hash's lowest bits choose the slot, so its highest tell keys of neighbouring slots apart.
    private static byte TagOf(ulong hash) => (byte)(Taken | (hash >> 57));

    private void Write(int index, byte tag)
    {
        tags[index] = tag;
        if (index < GroupSize) tags[tags.Length - GroupSize + index] = tag;
    }
}
