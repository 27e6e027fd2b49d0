using Pipelines.Execution;
using Pipelines.Protocol.Records;
using RecordHeader = Pipelines.Protocol.Records.RecordHeader;

namespace Pipelines.Runtime.Tests;

/// <summary>What the buffer frames in place is what the plain writer of batches writes.</summary>
public sealed class RecordBufferTests
{
    // Around the places where a length takes another byte.
    private static readonly int[] Lengths = [0, 1, 7, 8, 9, 40, 55, 60, 63, 64, 65, 8180, 8191, 8192, 9000];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Records_of_all_lengths_are_framed_as_the_format_says(int seed)
    {
        var random = new Random(seed);
        var buffer = new RecordBuffer();
        var expected = new RecordBatchWriter();
        for (int i = 0; i < 60; i++)
        {
            byte[] key = Some(random);
            byte[] value = Some(random);
            bool hasKey = random.Next(4) > 0;
            bool hasValue = random.Next(5) > 0;
            RecordHeader[] headers = random.Next(3) == 0 ? [new("name"u8.ToArray(), Some(random))] : [];
            long timestamp = 1_700_000_000_000 + random.Next(-5_000_000, 5_000_000);
            expected.Add(timestamp, hasKey ? key : [], hasValue ? value : [], headers, hasKey, hasValue);
            buffer.Append(timestamp, hasKey, hasKey ? key : [], hasValue, hasValue ? value : [], Frame(headers), headers.Length);
            if (random.Next(3) == 0) Assert.Throws<NotSupportedException>(() => buffer.Append(timestamp + 10_000_000, hasKey: true, key, default(Failing), headers: default, headerCount: 0));
        }

        PendingBatch batch = Assert.Single(buffer.Batches.ToArray());
        Assert.Equal(60, batch.Count);
        byte[] whole = expected.Complete(default);
        Assert.Equal(whole[RecordBatchHeader.Size..], batch.Bytes[RecordBuffer.HeaderBytes..].ToArray());
        Assert.True(RecordBatchHeader.TryRead(whole, out RecordBatchHeader header));
        Assert.Equal((header.BaseTimestamp, header.MaxTimestamp), (batch.BaseTimestamp, batch.MaxTimestamp));
    }

    [Fact]
    public void A_record_that_is_too_large_leaves_nothing_behind()
    {
        var buffer = new RecordBuffer();
        Assert.Throws<RecordTooLargeException>(() => buffer.Append(1, hasKey: false, key: default, hasValue: true, new byte[RecordBuffer.MaxRecordBytes + 1], headers: default, headerCount: 0));
        Assert.Equal((0, 0, 0), (buffer.Count, buffer.Length, buffer.Batches.Length));
        buffer.Append(2, hasKey: false, key: default, hasValue: true, "v"u8, headers: default, headerCount: 0);
        Assert.Equal((1, 2L), (buffer.Batches[0].Count, buffer.Batches[0].MaxTimestamp));
    }

    private static byte[] Some(Random random)
    {
        byte[] bytes = new byte[Lengths[random.Next(Lengths.Length)]];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Frame(RecordHeader[] headers)
    {
        if (headers.Length == 0) return [];
        var framed = new RecordBatchWriter();
        framed.Add(0, key: default, value: default, headers, hasKey: false, hasValue: false);
        byte[] whole = framed.Complete(default);
        Assert.True(RecordBatchHeader.TryRead(whole, out RecordBatchHeader header));
        var cursor = new RecordCursor(whole, RecordBatchHeader.Size, whole.Length, in header);
        Assert.True(cursor.MoveNext());
        return whole[cursor.HeadersStart..];
    }

    private readonly struct Failing : IRecordValue
    {
        public void Write(EncodeBuffer target)
        {
            target.Write(new byte[100]);
            throw new NotSupportedException();
        }
    }
}
