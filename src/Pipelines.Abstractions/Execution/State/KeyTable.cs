using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pipelines.Execution;

/// <summary>Open-addressing table from key bytes to state, in one array: keys of up to 16 bytes lie in their slot, longer ones in an arena.</summary>
/// <remarks>
/// Linear probing over a power of two of slots, at most five eighths full. The hash folds a 64 by 64 bit product, so keys that
/// count up spread evenly. Slots move only when the table grows; <see cref="Moved"/> tells where they went.
/// </remarks>
internal sealed class KeyTable<T>
{
    private const int InlineBytes = 16;
    private const int Empty = 0;
    private const int Tombstone = -1;

    private Slot[] slots = new Slot[16];
    private byte[] arena = [];
    private int arenaLength;
    private int used;
    private int growAt = 10;

    /// <summary>One key and its state.</summary>
    internal struct Slot
    {
        internal ulong Low;
        internal ulong High;

        /// <summary>The key's length and one; 0 when the slot never held a key, -1 when its key was removed.</summary>
        internal int Length;

        /// <summary>The sequence of the last undo scope that touched the slot.</summary>
        internal uint Stamp;

        internal T State;

        internal readonly bool IsOccupied => Length > 0;
    }

    /// <summary>The keys held.</summary>
    internal int Count { get; private set; }

    /// <summary>The slots, occupied or not; iterate by index.</summary>
    internal int Capacity => slots.Length;

    /// <summary>Called with the old slots' new places when the table grows: -1 for slots that were not occupied.</summary>
    internal Action<int[]>? Moved { get; set; }

    /// <summary>The memory of the table, without what states refer to.</summary>
    internal long Bytes => ((long)slots.Length * Unsafe.SizeOf<Slot>()) + arena.Length;

    internal ref Slot this[int index] => ref slots[index];

    /// <summary>The key in an occupied slot; valid until the table changes.</summary>
    internal ReadOnlySpan<byte> KeyAt(int index)
    {
        ref Slot slot = ref slots[index];
        int length = slot.Length - 1;
        if (length > InlineBytes) return arena.AsSpan((int)slot.High, length);
        // Low and High are laid out one after the other, little-endian, as the key's bytes were.
        return MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref slot.Low, 2))[..length];
    }

    /// <summary>The slot of a key, or -1.</summary>
    internal int Find(ReadOnlySpan<byte> key)
    {
        ulong hash = Load(key, out ulong low, out ulong high);
        int mask = slots.Length - 1;
        for (int index = (int)hash & mask; ; index = (index + 1) & mask)
        {
            ref Slot slot = ref slots[index];
            if (slot.Length == Empty) return -1;
            if (IsKey(in slot, key, low, high)) return index;
        }
    }

    /// <summary>The slot of a key, which is added with a default state when it is not there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int GetOrAdd(ReadOnlySpan<byte> key, out bool added)
    {
        ulong hash = Load(key, out ulong low, out ulong high);
        Slot[] all = slots;
        int mask = all.Length - 1;
        for (int index = (int)hash & mask; ; index = (index + 1) & mask)
        {
            ref Slot slot = ref all[index];
            if (slot.Length == Empty) break;
            if (!IsKey(in slot, key, low, high)) continue;
            added = false;
            return index;
        }

        added = true;
        return Add(key, hash, low, high);
    }

    /// <summary>Removes the key of a slot.</summary>
    internal void RemoveAt(int index)
    {
        ref Slot slot = ref slots[index];
        slot.State = default!;
        slot.Stamp = 0;
        slot.Length = Tombstone;
        Count--;
    }

    /// <summary>Removes all keys and keeps the memory.</summary>
    internal void Clear()
    {
        Array.Clear(slots);
        arenaLength = 0;
        used = 0;
        Count = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsKey(in Slot slot, ReadOnlySpan<byte> key, ulong low, ulong high)
    {
        if (slot.Length != key.Length + 1 || slot.Low != low) return false;
        return key.Length <= InlineBytes ? slot.High == high : arena.AsSpan((int)slot.High, key.Length).SequenceEqual(key);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Add(ReadOnlySpan<byte> key, ulong hash, ulong low, ulong high)
    {
        if (used >= growAt) Grow();
        int index = FirstFree(hash);
        ref Slot slot = ref slots[index];
        if (slot.Length == Empty) used++;
        slot.Low = low;
        slot.High = key.Length <= InlineBytes ? high : (ulong)Keep(key);
        slot.Length = key.Length + 1;
        slot.Stamp = 0;
        Count++;
        return index;
    }

    private int FirstFree(ulong hash)
    {
        int mask = slots.Length - 1;
        int index = (int)hash & mask;
        while (slots[index].IsOccupied) index = (index + 1) & mask;
        return index;
    }

    private int Keep(ReadOnlySpan<byte> key)
    {
        if (arena.Length - arenaLength < key.Length)
            Array.Resize(ref arena, checked(Math.Max(arena.Length * 2, arenaLength + key.Length + 256)));
        key.CopyTo(arena.AsSpan(arenaLength));
        int at = arenaLength;
        arenaLength += key.Length;
        return at;
    }

    private void Grow()
    {
        Slot[] old = slots;
        // Many tombstones and few keys: the same size again is enough to be rid of them.
        int size = Count * 2 >= growAt ? old.Length * 2 : old.Length;
        slots = new Slot[size];
        growAt = size / 8 * 5;
        used = Count;
        int[]? places = Moved is null ? null : new int[old.Length];
        for (int i = 0; i < old.Length; i++)
        {
            if (places is not null) places[i] = -1;
            if (!old[i].IsOccupied) continue;
            int length = old[i].Length - 1;
            ulong hash = length <= InlineBytes ? Fold(old[i].Low, old[i].High, length) : old[i].Low;
            int index = FirstFree(hash);
            slots[index] = old[i];
            if (places is not null) places[i] = index;
        }

        if (places is not null) Moved!(places);
    }

    /// <summary>The key as two words when it fits them; of a longer one, its hash as the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Load(ReadOnlySpan<byte> key, out ulong low, out ulong high)
    {
        if (key.Length > InlineBytes)
        {
            high = 0;
            return low = HashLong(key);
        }

        ref byte first = ref MemoryMarshal.GetReference(key);
        int length = key.Length;
        if (length > 8)
        {
            low = Unsafe.ReadUnaligned<ulong>(ref first);
            // The last eight bytes overlap the first word; shifted, the second word is what follows it.
            high = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, length - 8)) >> (8 * (16 - length));
        }
        else
        {
            high = 0;
            low = LoadShort(ref first, length);
        }

        return Fold(low, high, length);
    }

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
        ulong mixed = top ^ bottom;
        top = Math.BigMul(mixed, 0x9E3779B97F4A7C15, out bottom);
        return top ^ bottom;
    }

    private static ulong HashLong(ReadOnlySpan<byte> key)
    {
        ulong hash = (ulong)key.Length;
        while (key.Length >= InlineBytes)
        {
            hash = BitOperations.RotateLeft(hash, 29) ^ Fold(BinaryPrimitives.ReadUInt64LittleEndian(key), BinaryPrimitives.ReadUInt64LittleEndian(key[8..]) ^ hash, 16);
            key = key[InlineBytes..];
        }

        Span<byte> rest = stackalloc byte[InlineBytes];
        rest.Clear();
        key.CopyTo(rest);
        return Fold(BinaryPrimitives.ReadUInt64LittleEndian(rest) ^ hash, BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]), key.Length);
    }
}
