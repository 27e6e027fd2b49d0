using System.Buffers;
using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Pipelines;

/// <summary>Bytes that grow as they are written; reused from record to record, so a warm one allocates nothing.</summary>
/// <remarks>Not safe for several threads.</remarks>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public sealed class EncodeBuffer : IBufferWriter<byte>
{
    private byte[] bytes;
    private int length;

    /// <summary>An empty buffer with room for <paramref name="capacityBytes"/> before it grows.</summary>
    public EncodeBuffer(int capacityBytes = 256) => bytes = new byte[capacityBytes];

    /// <summary>The number of bytes written.</summary>
    public int Length => length;

    /// <summary>The bytes written; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => new(bytes, 0, length);

    /// <summary>Forgets what was written and keeps the memory.</summary>
    public void Clear() => length = 0;

    /// <summary>Forgets what was written after the first <paramref name="lengthBytes"/>.</summary>
    public void Truncate(int lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)lengthBytes, (uint)length, nameof(lengthBytes));
        length = lengthBytes;
    }

    /// <summary>Room for at least <paramref name="sizeBytes"/>; call <see cref="Advance"/> with what was used.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> GetSpan(int sizeBytes)
    {
        if (bytes.Length - length < sizeBytes) Grow(sizeBytes);
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
    private void Grow(int sizeBytes) => Array.Resize(ref bytes, checked(Math.Max(bytes.Length * 2, length + sizeBytes)));
}
