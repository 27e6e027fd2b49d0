using System.ComponentModel;
using System.Numerics;

namespace Pipelines.Execution;

/// <summary>Memory for what is read and written, lent in blocks that are handed on from user to user, so that a process holds what it needs at once and no more.</summary>
/// <remarks>Sizes are powers of two. Blocks that nobody needed for a while are left to the garbage collector. Safe for several threads.</remarks>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public sealed class Blocks
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);
    private readonly Shelf[] shelves;
    private readonly int leastBytes;
    private readonly int mostBytes;
    private readonly TimeProvider clock;

    internal Blocks(int leastBytes, int mostBytes, TimeProvider clock)
    {
        this.leastBytes = leastBytes;
        this.mostBytes = mostBytes;
        this.clock = clock;
        shelves = [.. Enumerable.Range(0, BitOperations.Log2((uint)(mostBytes / leastBytes)) + 1).Select(_ => new Shelf(clock.GetTimestamp()))];
    }

    /// <summary>Those of the process: from 1 KiB to 2 MiB, which holds the largest record.</summary>
    public static Blocks Shared { get; } = new(1024, 2 * 1024 * 1024, TimeProvider.System);

    /// <summary>The bytes that lie here, waiting for the next who needs them.</summary>
    public long FreeBytes
    {
        get
        {
            long sum = 0;
            for (int i = 0; i < shelves.Length; i++) sum += (long)shelves[i].Count * (leastBytes << i);
            return sum;
        }
    }

    /// <summary>Lends a block of at least so many bytes; what is in it is anything.</summary>
    public byte[] Rent(int sizeBytes)
    {
        int size = sizeBytes > mostBytes ? sizeBytes : Math.Max(leastBytes, (int)BitOperations.RoundUpToPowerOf2((uint)sizeBytes));
        return ShelfOf(size)?.Take() ?? GC.AllocateUninitializedArray<byte>(size);
    }

    /// <summary>Takes a block back, of which nobody knows any more.</summary>
    public void Return(byte[] block) => ShelfOf(block.Length)?.Put(block, clock);

    /// <summary>Null for what is too large to be kept.</summary>
    private Shelf? ShelfOf(int size) => size > mostBytes ? null : shelves[BitOperations.Log2((uint)(size / leastBytes))];

    /// <summary>Free blocks of one size.</summary>
    private sealed class Shelf(long began)
    {
        private readonly Lock gate = new();
        private readonly Stack<byte[]> free = new();
        private long lookedAt = began;
        private int unneeded;

        internal int Count
        {
            get
            {
                lock (gate) return free.Count;
            }
        }

        internal byte[]? Take()
        {
            lock (gate)
            {
                if (!free.TryPop(out byte[]? block)) return null;
                unneeded = Math.Min(unneeded, free.Count);
                return block;
            }
        }

        internal void Put(byte[] block, TimeProvider clock)
        {
            lock (gate)
            {
                free.Push(block);
                if (clock.GetElapsedTime(lookedAt) < LookInterval) return;
                // So many have lain here all the time.
                for (; unneeded > 0; unneeded--) free.Pop();
                unneeded = free.Count;
                lookedAt = clock.GetTimestamp();
            }
        }
    }
}
