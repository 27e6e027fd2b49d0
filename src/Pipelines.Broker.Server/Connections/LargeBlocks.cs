using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Pipelines.Broker.Server.Connections;

/// <summary>The memory that connections receive into and send from, in blocks of 32 KiB.</summary>
/// <remarks>Kestrel's own blocks have 4 KiB, so a request of 64 KiB takes it 16 reads of the socket.</remarks>
internal sealed class LargeBlocks : IMemoryPoolFactory<byte>
{
    /// <inheritdoc/>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Pool();

    private sealed class Pool : MemoryPool<byte>
    {
        private const int BlockBytes = 32 * 1024;

        /// <summary>What is kept of blocks that nobody uses: 8 MiB.</summary>
        private const int MostKept = 256;

        private readonly ConcurrentQueue<Block> free = new();
        private volatile bool isDisposed;

        public override int MaxBufferSize => BlockBytes;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
            ObjectDisposedException.ThrowIf(isDisposed, this);
            return free.TryDequeue(out Block? block) ? block.Take() : new Block(this).Take();
        }

        protected override void Dispose(bool disposing)
        {
            isDisposed = true;
            free.Clear();
        }

        private void Return(Block block)
        {
            if (!isDisposed && free.Count < MostKept) free.Enqueue(block);
        }

        private sealed class Block(Pool pool) : IMemoryOwner<byte>
        {
            // Pinned, since sockets read into it and write from it.
            private readonly Memory<byte> memory = GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);
            private int isRented;

            public Memory<byte> Memory => memory;

            internal Block Take()
            {
                isRented = 1;
                return this;
            }

            public void Dispose()
            {
                if (Interlocked.Exchange(ref isRented, 0) == 1) pool.Return(this);
            }
        }
    }
}
