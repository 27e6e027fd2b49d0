namespace Pipelines.Execution;

/// <summary>The bytes of keys that are too long for their slot, one after the other.</summary>
/// <remarks>
/// Keys are removed in place and counted; when the arena is full its owner moves the keys that are left to one that is large enough:
/// <see cref="BeginMove"/>, <see cref="Move"/> for each, <see cref="EndMove"/>.
/// </remarks>
internal sealed class KeyArena
{
    private byte[] bytes = [];
    private byte[] spare = [];
    private int length;
    private int removed;
    private int moved;

    /// <summary>The memory held.</summary>
    internal long CapacityBytes => bytes.Length + (long)spare.Length;

    internal ReadOnlySpan<byte> At(int start, int lengthBytes) => bytes.AsSpan(start, lengthBytes);

    internal bool HasRoom(int lengthBytes) => bytes.Length - length >= lengthBytes;

    /// <summary>Keeps a key, for which there must be room.</summary>
    /// <returns>Where it starts.</returns>
    internal int Add(ReadOnlySpan<byte> key)
    {
        int start = length;
        key.CopyTo(bytes.AsSpan(start));
        length += key.Length;
        return start;
    }

    internal void Remove(int start, int lengthBytes)
    {
        // Undo removes the newest key first, so that nothing is left behind.
        if (start + lengthBytes == length) length = start;
        else removed += lengthBytes;
        if (removed == length) Clear();
    }

    internal void Clear()
    {
        length = 0;
        removed = 0;
    }

    /// <summary>Prepares an arena in which the keys that are left fill at most half, after adding one of <paramref name="lengthBytes"/>.</summary>
    internal void BeginMove(int lengthBytes)
    {
        long needed = (long)length - removed + lengthBytes;
        if (needed > Array.MaxLength) ThrowFull(needed);
        int size = (int)Math.Min(Array.MaxLength, Math.Max(Math.Max(256, bytes.Length), needed * 2));
        // Never smaller than before, so that keys that come and go move to and fro between two arrays.
        if (spare.Length < size) spare = new byte[size];
        moved = 0;
    }

    /// <summary>Moves one key.</summary>
    /// <returns>Where it starts now.</returns>
    internal int Move(int start, int lengthBytes)
    {
        int to = moved;
        bytes.AsSpan(start, lengthBytes).CopyTo(spare.AsSpan(to));
        moved += lengthBytes;
        return to;
    }

    internal void EndMove()
    {
        bool grown = spare.Length > bytes.Length;
        (bytes, spare) = (spare, bytes);
        if (grown) spare = [];
        length = moved;
        removed = 0;
    }

    private static void ThrowFull(long needed) => throw new InvalidOperationException(
        $"The long keys of a store of one task take {needed} bytes, more than the {Array.MaxLength} that it can hold. Shorten the keys, or give the input topic more partitions.");
}
