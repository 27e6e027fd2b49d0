using Pipelines.Execution;

namespace Pipelines.Abstractions.Tests.Memory;

/// <summary>Records over many batches, each in a block of its own.</summary>
public sealed class RecordBufferTests
{
    private readonly RecordBuffer buffer = new();

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 3000)]
    [InlineData(1, 1)]
    [InlineData(1, 3000)]
    [InlineData(2000, 1)]
    [InlineData(2000, 3000)]
    public void What_is_taken_back_leaves_the_bytes_that_were_there(int kept, int taken)
    {
        var expected = new RecordBuffer();
        for (int i = 0; i < kept; i++) Append(i, expected, buffer);
        RecordBuffer.Mark mark = default;
        buffer.Save(ref mark);
        for (int i = 0; i < taken; i++) Append(-i, buffer);
        Assert.True(taken == 1 || buffer.Length > 2 * RecordBuffer.BatchBytes);
        buffer.Restore(in mark);
        Assert.Equal(Contents(expected), Contents(buffer));
        // Contents has ended the batch in both.
        for (int i = 0; i < 1500; i++) Append(i, expected, buffer);
        Assert.Equal(Contents(expected), Contents(buffer));
        Assert.Equal((expected.Count, expected.Length), (buffer.Count, buffer.Length));
    }

    [Fact]
    public void A_batch_that_was_let_go_still_counts_until_the_buffer_is_cleared()
    {
        for (int i = 0; i < 3000; i++) Append(i, buffer);
        int length = buffer.Length;
        PendingBatch second = buffer.Batches[1];
        buffer.LetGo(0);
        Assert.Equal((3000, length), (buffer.Count, buffer.Length));
        Assert.Equal(second, buffer.Batches[1]);
        buffer.LetGo(0);
        buffer.Clear();
        Assert.Equal((0, 0, 0), (buffer.Count, buffer.Length, buffer.Batches.Length));
        Append(1, buffer);
        Assert.Equal(1, buffer.Batches[0].Count);
    }

    [Fact]
    public void No_batch_is_more_than_its_block()
    {
        for (int i = 0; i < 5000; i++) Append(i, buffer);
        PendingBatch[] batches = buffer.Batches.ToArray();
        Assert.True(batches.Length > 2);
        Assert.All(batches[..^1], static batch => Assert.InRange(batch.Length, RecordBuffer.BatchBytes, batch.Block.Length));
        Assert.Equal(batches.Length, batches.Select(static batch => batch.Block).Distinct().Count());
        Assert.Equal(buffer.Length, batches.Sum(static batch => batch.Length));
    }

    private static void Append(int number, params RecordBuffer[] targets)
    {
        byte[] value = new byte[400];
        value.AsSpan().Fill((byte)number);
        foreach (RecordBuffer target in targets) target.Append(1_000_000 + number, hasKey: true, BitConverter.GetBytes(number), hasValue: true, value, headers: default, headerCount: 0);
    }

    private static (int Count, long Base, long Max, string Bytes)[] Contents(RecordBuffer buffer) =>
        [.. buffer.Batches.ToArray().Select(static batch => (batch.Count, batch.BaseTimestamp, batch.MaxTimestamp, Convert.ToHexString(batch.Bytes.Span[RecordBuffer.HeaderBytes..])))];
}
