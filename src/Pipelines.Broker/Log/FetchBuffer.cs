using System.Collections.Concurrent;

namespace Pipelines.Broker.Log;

/// <summary>Bytes that a fetch is read into; given back to the pool when disposed of.</summary>
public sealed class FetchBuffer : IDisposable
{
    private static readonly ConcurrentBag<FetchBuffer> Free = [];
    private int isRented;

    /// <summary>The bytes.</summary>
    public byte[] Bytes { get; private set; } = [];

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref isRented, 0) == 1) Free.Add(this);
    }

    internal static FetchBuffer Rent()
    {
        if (!Free.TryTake(out FetchBuffer? buffer)) buffer = new FetchBuffer();
        buffer.isRented = 1;
        return buffer;
    }

    internal void EnsureSize(int size)
    {
        if (Bytes.Length < size) Bytes = new byte[Math.Max(size, Bytes.Length * 2)];
    }
}
