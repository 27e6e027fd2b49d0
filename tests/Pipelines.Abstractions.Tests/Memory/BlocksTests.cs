using Pipelines.Execution;

namespace Pipelines.Abstractions.Tests.Memory;

/// <summary>Memory is handed on, and does not pile up.</summary>
public sealed class BlocksTests
{
    private readonly SetClock clock = new();

    [Fact]
    public void A_block_that_is_given_back_is_lent_again()
    {
        var blocks = new Blocks(1024, 4096, clock);
        byte[] block = blocks.Rent(1500);
        Assert.Equal(2048, block.Length);
        blocks.Return(block);
        Assert.Equal(2048, blocks.FreeBytes);
        Assert.NotSame(block, blocks.Rent(1024));
        Assert.Same(block, blocks.Rent(2048));
        Assert.Equal(0, blocks.FreeBytes);
    }

    [Fact]
    public void What_is_larger_than_any_block_is_not_kept()
    {
        var blocks = new Blocks(1024, 4096, clock);
        byte[] large = blocks.Rent(5000);
        Assert.Equal(5000, large.Length);
        blocks.Return(large);
        Assert.Equal(0, blocks.FreeBytes);
    }

    [Fact]
    public void Blocks_that_nobody_needed_for_a_while_are_let_go()
    {
        var blocks = new Blocks(1024, 4096, clock);
        byte[][] burst = [.. Enumerable.Range(0, 10).Select(_ => blocks.Rent(4096))];
        foreach (byte[] block in burst) blocks.Return(block);
        // From here on two at a time are enough.
        for (int i = 0; i < 3; i++)
        {
            clock.Now += TimeSpan.FromSeconds(6);
            byte[] one = blocks.Rent(4096);
            byte[] other = blocks.Rent(4096);
            blocks.Return(one);
            blocks.Return(other);
        }

        Assert.Equal(2 * 4096, blocks.FreeBytes);
    }

    private sealed class SetClock : TimeProvider
    {
        internal TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
