using System.Text;
using Pipelines.Protocol.Records;

namespace Pipelines.Protocol.Tests;

public sealed class RecordBatchTests
{
    [Fact]
    public void Header_of_a_Kafka_batch_is_read_field_by_field()
    {
        Assert.True(RecordBatchHeader.TryRead(KafkaBatches.Transactional, out RecordBatchHeader header));
        Assert.Equal(0, header.BaseOffset);
        Assert.Equal(KafkaBatches.Transactional.Length, header.TotalSize);
        Assert.Equal(-1, header.PartitionLeaderEpoch);
        Assert.Equal(2, header.Magic);
        Assert.Equal(0x1DB51185u, header.Checksum);
        Assert.Equal(BatchAttributes.Transactional, header.Attributes);
        Assert.Equal(2, header.LastOffset);
        Assert.Equal(3, header.NextOffset);
        Assert.Equal(1700000000000, header.BaseTimestamp);
        Assert.Equal(1700000000123, header.MaxTimestamp);
        Assert.Equal((4711L, (short)3, 42), (header.ProducerId, header.ProducerEpoch, header.BaseSequence));
        Assert.Equal(3, header.RecordCount);
        Assert.True(header.IsTransactional);
        Assert.False(header.IsControl);
        Assert.Equal(0, header.Compression);
    }

    [Fact]
    public void Header_is_written_as_it_was_read()
    {
        foreach (byte[] batch in (byte[][])[KafkaBatches.Plain, KafkaBatches.Transactional, KafkaBatches.Gzip, KafkaBatches.CommitMarker])
        {
            Assert.True(RecordBatchHeader.TryRead(batch, out RecordBatchHeader header));
            byte[] written = new byte[RecordBatchHeader.Size];
            header.Write(written);
            Assert.Equal(Convert.ToHexString(batch, 0, RecordBatchHeader.Size), Convert.ToHexString(written));
        }
    }

    [Fact]
    public void Header_needs_61_bytes()
    {
        Assert.False(RecordBatchHeader.TryRead(KafkaBatches.Plain.AsSpan(0, 60), out _));
        Assert.True(RecordBatchHeader.TryRead(KafkaBatches.Plain.AsSpan(0, 61), out _));
    }

    [Fact]
    public void Checksums_of_Kafka_are_right_and_of_changed_bytes_wrong()
    {
        Assert.True(BatchSeal.HasRightChecksum(KafkaBatches.Gzip));
        byte[] batch = KafkaBatches.Plain;
        Assert.True(BatchSeal.HasRightChecksum(batch));
        for (int at = 17; at < batch.Length; at++)
        {
            batch[at] ^= 0x10;
            Assert.False(BatchSeal.HasRightChecksum(batch), $"byte {at}");
            batch[at] ^= 0x10;
        }
    }

    [Fact]
    public void Records_of_Kafka_are_walked()
    {
        byte[] batch = KafkaBatches.Plain;
        RecordBatchHeader.TryRead(batch, out RecordBatchHeader header);
        var records = new RecordCursor(batch, RecordBatchHeader.Size, batch.Length, header with { BaseOffset = 100 });

        Assert.True(records.MoveNext());
        Assert.Equal((100, 1700000000000), (records.Offset, records.Timestamp));
        Assert.Equal("k1", Encoding.UTF8.GetString(batch, records.KeyStart, records.KeyLength));
        Assert.Equal("value one", Encoding.UTF8.GetString(batch, records.ValueStart, records.ValueLength));
        Assert.Equal(0, records.HeaderCount);

        Assert.True(records.MoveNext());
        Assert.Equal((101, 1700000000123), (records.Offset, records.Timestamp));
        Assert.Equal(-1, records.KeyLength);
        Assert.Equal("no key", Encoding.UTF8.GetString(batch, records.ValueStart, records.ValueLength));
        Assert.Equal(2, records.HeaderCount);
        Assert.Equal("0268027802", Convert.ToHexString(batch, records.HeadersStart, 5));

        Assert.True(records.MoveNext());
        Assert.Equal((102, 1699999999000), (records.Offset, records.Timestamp));
        Assert.Equal("gone", Encoding.UTF8.GetString(batch, records.KeyStart, records.KeyLength));
        Assert.Equal(-1, records.ValueLength);

        Assert.False(records.MoveNext());
    }

    [Fact]
    public void Writer_writes_the_bytes_that_Kafka_writes()
    {
        Assert.Equal(Convert.ToHexString(KafkaBatches.Plain), Convert.ToHexString(ThreeRecords(BatchProducer.None)));
        Assert.Equal(Convert.ToHexString(KafkaBatches.Transactional), Convert.ToHexString(ThreeRecords(new BatchProducer(4711, 3, 42, IsTransactional: true))));
    }

    [Fact]
    public void Writer_refuses_a_batch_without_records() =>
        Assert.Contains("Add a record", Assert.Throws<InvalidOperationException>(() => new RecordBatchWriter().Complete(BatchProducer.None)).Message, StringComparison.Ordinal);

    [Fact]
    public void Append_time_of_the_broker_replaces_the_records_own()
    {
        byte[] batch = KafkaBatches.Plain;
        RecordBatchHeader.TryRead(batch, out RecordBatchHeader header);
        var records = new RecordCursor(batch, RecordBatchHeader.Size, batch.Length, header with { Attributes = BatchAttributes.LogAppendTime, MaxTimestamp = 5 });
        while (records.MoveNext()) Assert.Equal(5, records.Timestamp);
    }

    [Fact]
    public void Cursor_survives_any_damage_with_nothing_but_its_own_exception()
    {
        var random = new Random(20260112);
        int refused = 0;
        for (int round = 0; round < 200_000; round++)
        {
            byte[] batch = KafkaBatches.Plain;
            int end = round % 3 == 0 ? random.Next(RecordBatchHeader.Size, batch.Length + 1) : batch.Length;
            for (int change = random.Next(4); change > 0; change--) batch[random.Next(57, batch.Length)] = (byte)random.Next(256);
            RecordBatchHeader.TryRead(batch, out RecordBatchHeader header);
            try
            {
                var records = new RecordCursor(batch, RecordBatchHeader.Size, end, in header);
                int walked = 0;
                while (records.MoveNext())
                {
                    Assert.True(++walked <= header.RecordCount);
                    Assert.InRange(records.KeyStart + Math.Max(0, records.KeyLength), RecordBatchHeader.Size, end);
                    Assert.InRange(records.ValueStart + Math.Max(0, records.ValueLength), RecordBatchHeader.Size, end);
                }
            }
            catch (CorruptBatchException damage)
            {
                refused++;
                Assert.InRange(damage.Position, RecordBatchHeader.Size, end);
            }
        }

        Assert.InRange(refused, 50_000, 199_000);
    }

    [Theory]
    [InlineData(-1, 10)]
    [InlineData(11, 10)]
    [InlineData(0, 101)]
    public void Cursor_refuses_a_range_that_is_not_there(int start, int end) =>
        Assert.Throws<CorruptBatchException>(() => new RecordCursor(new byte[100], start, end, default));

    [Fact]
    public void A_record_of_length_zero_at_the_very_end_is_damage()
    {
        byte[] batch = new byte[RecordBatchHeader.Size + 1];
        new RecordBatchHeader { RecordCount = 1 }.Write(batch);
        CorruptBatchException damage = Assert.Throws<CorruptBatchException>(() =>
        {
            RecordBatchHeader.TryRead(batch, out RecordBatchHeader header);
            var records = new RecordCursor(batch, RecordBatchHeader.Size, batch.Length, in header);
            records.MoveNext();
        });
        Assert.Equal(RecordBatchHeader.Size, damage.Position);
    }

    private static byte[] ThreeRecords(BatchProducer producer)
    {
        var writer = new RecordBatchWriter();
        writer.Add(1700000000000, "k1"u8, "value one"u8);
        writer.Add(1700000000123, default, "no key"u8, [new RecordHeader("h"u8.ToArray(), "x"u8.ToArray()), new RecordHeader("n"u8.ToArray(), null)], hasKey: false);
        writer.Add(1699999999000, "gone"u8, default, hasValue: false);
        return writer.Complete(producer);
    }
}
