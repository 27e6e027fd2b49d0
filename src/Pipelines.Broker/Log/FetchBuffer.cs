using System.Collections.Concurrent;

namespace Pipelines.Broker.Log;

/// <summary>Bytes that a fetch is read into; given back to the pool when disposed of.</summary>
public sealed class FetchBuffer : IDisposable
{
    /// <summary>What is kept of buffers that nobody uses: what many slow readers once needed is not needed for ever.</summary>
    private const long MostKept = 64 * 1024 * 1024;

    private static readonly ConcurrentBag<FetchBuffer> Free = [];
    private static long kept;
    private FetchMemory memory = null!;
    private int charged;
    private int isRented;

    /// <summary>The bytes.</summary>
    public byte[] Bytes { get; private set; } = [];

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref isRented, 0) != 1) return;
        memory.Add(-charged);
        charged = 0;
        int size = Bytes.Length;
        if (Interlocked.Add(ref kept, size) <= MostKept) Free.Add(this);
        else Interlocked.Add(ref kept, -size);
    }

    internal static FetchBuffer Rent(FetchMemory memory)
    {
        if (Free.TryTake(out FetchBuffer? buffer)) Interlocked.Add(ref kept, -buffer.Bytes.Length);
        else buffer = new FetchBuffer();
        buffer.memory = memory;
        buffer.isRented = 1;
        return buffer;
    }

    /// <summary>Counts what was read as being on its way to a reader, until it is given back.</summary>
    internal void Charge(int bytes)
    {
        charged = bytes;
        memory.Add(bytes);
    }

    internal void EnsureSize(int size)
    {
        if (Bytes.Length < size) Bytes = new byte[Math.Max(size, Bytes.Length * 2)];
    }
}

/// <summary>The bytes that fetches of an engine have read and their readers have not given back yet.</summary>
/// <param name="mostBytes">How many there may be of all readers.</param>
internal sealed class FetchMemory(long mostBytes)
{
    private long bytes;

    /// <summary>How much a fetch may bring: what is left, and something always, so that a reader gets on whatever others do.</summary>
    internal int Limit(int wanted) => (int)Math.Min(wanted, Math.Max(1, mostBytes - Interlocked.Read(ref bytes)));

    internal void Add(int count) => Interlocked.Add(ref bytes, count);
}
