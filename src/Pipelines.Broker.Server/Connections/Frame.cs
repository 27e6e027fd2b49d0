using System.Buffers;

namespace Pipelines.Broker.Server.Connections;

/// <summary>The bytes of one request, in a pooled buffer that grows as they arrive: a length that was only claimed costs nothing.</summary>
internal sealed class Frame(int length) : IDisposable
{
    private const int FirstCapacity = 64 * 1024;

    private byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Min(length, FirstCapacity));
    private int filled;

    /// <summary>The bytes that the frame has when it is whole.</summary>
    internal int Length => length;

    internal bool IsWhole => filled == length;

    internal ReadOnlyMemory<byte> Memory => buffer.AsMemory(0, length);

    /// <summary>Takes what belongs to the frame from the start of <paramref name="source"/>.</summary>
    /// <returns>The number of bytes taken.</returns>
    internal int Fill(in ReadOnlySequence<byte> source)
    {
        int count = (int)Math.Min(length - filled, source.Length);
        if (buffer.Length < filled + count) Grow(filled + count);
        source.Slice(0, count).CopyTo(buffer.AsSpan(filled));
        filled += count;
        return count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        byte[] rented = buffer;
        buffer = [];
        if (rented.Length > 0) ArrayPool<byte>.Shared.Return(rented);
    }

    private void Grow(int needed)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(length, Math.Max(needed, buffer.Length * 2L)));
        buffer.AsSpan(0, filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
