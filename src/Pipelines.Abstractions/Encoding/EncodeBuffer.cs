using System.Buffers;
using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Pipelines.Execution;

namespace Pipelines;

/// <summary>Bytes that grow as they are written; reused from record to record, so a warm one allocates nothing.</summary>
/// <remarks>Not safe for several threads.</remarks>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public sealed class EncodeBuffer : IBufferWriter<byte>
{
    private readonly Blocks? blocks;
    private byte[] bytes;
    private int length;

    /// <summary>An empty buffer with room for <paramref name="capacityBytes"/> before it grows.</summary>
    public EncodeBuffer(int capacityBytes = 256) => bytes = new byte[capacityBytes];

    /// <summary>A buffer without memory, which lies in a block when it grows.</summary>
    internal EncodeBuffer(Blocks blocks)
    {
        this.blocks = blocks;
        bytes = [];
    }

    /// <summary>The number of bytes written.</summary>
    public int Length => length;

    /// <summary>The bytes written; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => new(bytes, 0, length);

    /// <summary>The memory that the bytes lie in; another one after the buffer has grown.</summary>
    internal byte[] Memory => bytes;

    /// <summary>Takes the block away; the buffer is without memory then.</summary>
    internal byte[] Take()
    {
        byte[] block = bytes;
        bytes = [];
        length = 0;
        return block;
    }

    /// <summary>Goes on in another block, or in none, and gives back the one that there was.</summary>
    internal void Put(byte[] block)
    {
        if (bytes.Length > 0) blocks!.Return(bytes);
        bytes = block;
        length = 0;
    }

    /// <summary>Forgets what was written and keeps the memory.</summary>
    public void Clear() => length = 0;

    /// <summary>Forgets what was written after the first <paramref name="lengthBytes"/>.</summary>
    public void Truncate(int lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)lengthBytes, (uint)length, nameof(lengthBytes));
        length = lengthBytes;
    }

    /// <summary>Goes on writing at a place, whatever was written behind it; up to there the memory must be there already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void MoveTo(int position) => length = position;

    /// <summary>Makes room for <paramref name="sizeBytes"/> more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Reserve(int sizeBytes)
    {
        if (bytes.Length - length < sizeBytes) Grow(sizeBytes);
    }

    /// <summary>The byte at a place, unchecked: for what is written into room that was reserved.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref byte At(int position) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(bytes), position);

    /// <summary>The memory from a place on, as much as there is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Span<byte> Room(int position) => bytes.AsSpan(position);

    /// <summary>Moves the last bytes written to a place a little before or behind.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void Shift(int start, int count, int target)
    {
        if (target > start) Reserve(target - start);
        bytes.AsSpan(start, count).CopyTo(bytes.AsSpan(target));
        length = target + count;
    }

    /// <summary>Room for at least <paramref name="sizeBytes"/>; call <see cref="Advance"/> with what was used.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> GetSpan(int sizeBytes)
    {
        Reserve(sizeBytes);
        return bytes.AsSpan(length);
    }

    /// <inheritdoc/>
    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint)
    {
        GetSpan(Math.Max(sizeHint, 1));
        return bytes.AsMemory(length);
    }

    /// <inheritdoc/>
    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint) => GetSpan(Math.Max(sizeHint, 1));

    /// <summary>Counts <paramref name="countBytes"/> of the last span as written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int countBytes) => length += countBytes;

    /// <summary>Appends bytes.</summary>
    public void Write(ReadOnlySpan<byte> source)
    {
        source.CopyTo(GetSpan(source.Length));
        length += source.Length;
    }

    /// <summary>Appends one byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteByte(byte value)
    {
        if (bytes.Length == length) Grow(1);
        bytes[length++] = value;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int sizeBytes)
    {
        int wanted = checked(Math.Max(Math.Max(bytes.Length * 2, 256), length + sizeBytes));
        if (blocks is null)
        {
            Array.Resize(ref bytes, wanted);
            return;
        }

        byte[] larger = blocks.Rent(wanted);
        bytes.AsSpan(0, length).CopyTo(larger);
        if (bytes.Length > 0) blocks.Return(bytes);
        bytes = larger;
    }
}
