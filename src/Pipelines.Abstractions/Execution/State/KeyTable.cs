using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Pipelines.Execution;

/// <summary>Open-addressing table from key bytes to state, in one array: keys of up to 16 bytes lie in their slot, longer ones in an arena.</summary>
/// <remarks>
/// Linear probing over a power of two of slots, at most three quarters full. A byte per slot with seven bits of the hash is searched
/// first, sixteen at a time, so that nearly every slot that is looked at holds the key: a store's update of a key in the cache takes
/// 9 ns against 13 ns when the slots themselves are searched. Over a million random keys both take 60 to 70 ns, the time of
/// the memory. Slots move only when the table grows or is cleaned of removed keys, both when a key is added; <see cref="Moved"/>
/// tells where they went. Not safe for several threads.
/// </remarks>
internal sealed class KeyTable<T>
{
    private const int SmallestSize = 16;

    private readonly KeyArena arena = new();
    private Slot[] slots = new Slot[SmallestSize];
    private SlotTags tags = new(SmallestSize);
    private int used;
    private int growAt = SmallestSize / 4 * 3;

    /// <summary>One key and its state.</summary>
    internal struct Slot
    {
        /// <summary>The key's bytes when it has at most 16; else its hash and its place in the arena.</summary>
        internal KeyWords Words;

        /// <summary>The key's length and one; 0 when the slot holds no key.</summary>
        internal int Length;

        /// <summary>The sequence of the last undo scope that touched the slot; 0 when none has.</summary>
        internal uint Stamp;

        internal T State;

        internal readonly bool IsOccupied => Length > 0;
    }

    /// <summary>The keys held.</summary>
    internal int Count { get; private set; }

    /// <summary>The slots, occupied or not; iterate by index.</summary>
    internal int Capacity => slots.Length;

    /// <summary>Called with the old slots' new places when slots move: -1 for slots that were not occupied.</summary>
    internal Action<int[]>? Moved { get; set; }

    /// <summary>True when it is so large that a random key's slot is seldom in the nearest cache.</summary>
    internal bool IsLarge => (long)slots.Length * Unsafe.SizeOf<Slot>() > 1024 * 1024;

    /// <summary>The memory of the table, without what states refer to.</summary>
    internal long Bytes => ((long)slots.Length * Unsafe.SizeOf<Slot>()) + arena.CapacityBytes + slots.Length;

    internal ref Slot this[int index] => ref slots[index];

    /// <summary>The key in an occupied slot; valid until the table changes.</summary>
    internal ReadOnlySpan<byte> KeyAt(int index)
    {
        ref Slot slot = ref slots[index];
        int length = slot.Length - 1;
        return length > KeyWords.Bytes ? arena.At((int)slot.Words.High, length) : slot.Words.AsBytes(length);
    }

    /// <summary>The slot of a key, or -1.</summary>
    internal int Find(ReadOnlySpan<byte> key)
    {
        ulong hash = KeyWords.Load(key, out KeyWords words);
        return Find(key, hash, in words);
    }

    /// <summary>The slot of a key, which is added with a default state when it is not there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int GetOrAdd(ReadOnlySpan<byte> key, out bool added)
    {
        ulong hash = KeyWords.Load(key, out KeyWords words);
        int index = Find(key, hash, in words);
        added = index < 0;
        return added ? Add(key, hash, words) : index;
    }

    /// <summary>Asks for what a search for the key will look at first: its tags, and the slots where it most likely is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Prefetch(ReadOnlySpan<byte> key)
    {
        int start = (int)KeyWords.Load(key, out _) & (slots.Length - 1);
        tags.Prefetch(start);
        Prefetch(start);
    }

    /// <summary>Asks for a slot, and for the start of what follows it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Prefetch(int index)
    {
        ref Slot slot = ref slots[index];
        CacheLine.Prefetch(ref slot);
        CacheLine.Prefetch(ref Unsafe.AddByteOffset(ref slot, (nuint)CacheLine.Bytes));
    }

    /// <summary>Removes the key of a slot; no other slot moves.</summary>
    internal void RemoveAt(int index)
    {
        ref Slot slot = ref slots[index];
        int length = slot.Length - 1;
        if (length > KeyWords.Bytes) arena.Remove((int)slot.Words.High, length);
        slot = default;
        Count--;
        used -= tags.Remove(index);
    }

    /// <summary>Removes all keys and keeps the memory.</summary>
    internal void Clear()
    {
        if (used == 0) return;
        Array.Clear(slots);
        tags.Clear();
        arena.Clear();
        used = 0;
        Count = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Find(ReadOnlySpan<byte> key, ulong hash, in KeyWords words)
    {
        Slot[] all = slots;
        int mask = all.Length - 1;
        var wanted = SlotTags.Wanted(hash);
        for (int start = (int)hash & mask; ; start = (start + SlotTags.GroupSize) & mask)
        {
            Vector128<byte> group = tags.Group(start);
            for (uint matches = SlotTags.Matches(group, wanted); matches != 0; matches &= matches - 1)
            {
                int index = (start + BitOperations.TrailingZeroCount(matches)) & mask;
                if (IsKey(in all[index], key, in words)) return index;
            }

            if (SlotTags.HasEmpty(group)) return -1;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsKey(in Slot slot, ReadOnlySpan<byte> key, in KeyWords words)
    {
        if (slot.Length != key.Length + 1 || slot.Words.Low != words.Low) return false;
        return key.Length <= KeyWords.Bytes ? slot.Words.High == words.High : arena.At((int)slot.Words.High, key.Length).SequenceEqual(key);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Add(ReadOnlySpan<byte> key, ulong hash, KeyWords words)
    {
        if (used >= growAt) Grow();
        if (key.Length > KeyWords.Bytes)
        {
            if (!arena.HasRoom(key.Length)) MakeRoom(key.Length);
            words.High = (ulong)arena.Add(key);
        }

        int index = tags.FirstFree(hash);
        if (tags.Set(index, hash)) used++;
        ref Slot slot = ref slots[index];
        slot.Words = words;
        slot.Length = key.Length + 1;
        slot.Stamp = 0;
        Count++;
        return index;
    }

    private void MakeRoom(int lengthBytes)
    {
        arena.BeginMove(lengthBytes);
        for (int i = 0; i < slots.Length; i++)
        {
            int length = slots[i].Length - 1;
            if (length > KeyWords.Bytes) slots[i].Words.High = (ulong)arena.Move((int)slots[i].Words.High, length);
        }

        arena.EndMove();
    }

    private void Grow()
    {
        Slot[] old = slots;
        // Many removed keys and few present: the same size again is enough to be rid of them.
        int size = Count * 2 >= growAt ? old.Length * 2 : old.Length;
        if (size <= 0) ThrowFull();
        slots = new Slot[size];
        tags = new SlotTags(size);
        growAt = size / 4 * 3;
        used = Count;
        int[]? places = Moved is null ? null : new int[old.Length];
        for (int i = 0; i < old.Length; i++)
        {
            if (places is not null) places[i] = -1;
            if (i + TaskScope.LookAhead < old.Length) PrefetchMoved(ref old[i + TaskScope.LookAhead]);
            if (!old[i].IsOccupied) continue;
            ulong hash = old[i].Words.Hash(old[i].Length - 1);
            int index = tags.FirstFree(hash);
            tags.Set(index, hash);
            slots[index] = old[i];
            if (places is not null) places[i] = index;
        }

        if (places is not null) Moved!(places);
    }

    /// <summary>Asks for the place that a slot of the former table will have.</summary>
    private void PrefetchMoved(ref Slot former)
    {
        if (!former.IsOccupied) return;
        int start = (int)former.Words.Hash(former.Length - 1) & (slots.Length - 1);
        tags.Prefetch(start);
        Prefetch(start);
    }

    private void ThrowFull() => throw new InvalidOperationException(
        $"A store of one task holds {Count} keys, which is as many as its table can. Give the input topic more partitions, so that each task keeps fewer.");
}
