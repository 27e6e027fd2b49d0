using System.Text;
using Pipelines.Execution;

namespace Pipelines.Abstractions.Tests.State;

public class TableStoreTests
{
    [Fact]
    public void A_row_replaces_the_earlier_one_of_its_key_and_a_tombstone_removes_it()
    {
        var table = new TableStore<Row>();
        Apply(table, "k", "first");
        Apply(table, "other", "stays");
        Apply(table, "k", "second");
        Assert.True(table.TryGet("k"u8, out Row row));
        Assert.Equal("second", row.Value());
        Apply(table, "k", null);
        Assert.False(table.TryGet("k"u8, out _));
        Assert.Equal(1, table.Count);
        Apply(table, "k", null);
        Assert.Equal(1, table.Count);
    }

    [Fact]
    public void A_row_outlives_the_batch_that_it_borrows_from()
    {
        var table = new TableStore<Row>();
        byte[] bytes = Apply(table, "k", "kept");
        Array.Fill(bytes, (byte)'x');
        Assert.True(table.TryGet("k"u8, out Row row));
        Assert.Equal("kept", row.Value());
    }

    [Fact]
    public void A_row_that_does_not_decode_leaves_the_earlier_one()
    {
        var table = new TableStore<Row>();
        Apply(table, "k", "good");
        Assert.Throws<RecordFormatException>(() => Apply(table, "k", ""));
        Assert.True(table.TryGet("k"u8, out Row row));
        Assert.Equal("good", row.Value());
    }

    [Fact]
    public void A_row_without_a_key_is_refused_with_its_position()
    {
        var table = new TableStore<Row>();
        RecordFormatException malformed = Assert.Throws<RecordFormatException>(() => Apply(table, null, "row"));
        Assert.Equal(
            "The record at offset 41 of table 'users', partition 2, has no key, so it is no row. Write the table's records with the key of their row.",
            malformed.Message);
        Assert.Equal(0, table.Count);
    }

    /// <summary>Applies one record and gives back the batch's bytes.</summary>
    private static byte[] Apply(TableStore<Row> table, string? key, string? value)
    {
        byte[] keyBytes = Encoding.UTF8.GetBytes(key ?? "");
        byte[] valueBytes = Encoding.UTF8.GetBytes(value ?? "");
        byte[] bytes = [0xFF, .. keyBytes, 0xFF, .. valueBytes];
        var entry = new RecordEntry(
            Offset: 41,
            Timestamp: 0,
            KeyStart: 1,
            KeyLength: key is null ? -1 : keyBytes.Length,
            ValueStart: 2 + keyBytes.Length,
            ValueLength: value is null ? -1 : valueBytes.Length,
            HeadersStart: bytes.Length,
            HeaderCount: 0);
        var batch = new RecordBatch();
        batch.Reset("users", 2, bytes, [entry], 1, 42);
        table.Apply(batch, in entry);
        return bytes;
    }

    /// <summary>A row that borrows its bytes, as records with text members do.</summary>
    private readonly struct Row(byte[] bytes, int start, int length) : IRecord<Row>
    {
        public static RecordSchema Schema { get; } = new("Row", RecordKind.Table, "users", Format.Text, "0000000000000000", BorrowsBytes: true, []);

        public static bool HasKey => true;

        public string Value() => Encoding.UTF8.GetString(bytes, start, length);

        public static void WriteKey(in Row record, EncodeBuffer target) => throw new NotSupportedException();

        public static void WriteValue(in Row record, EncodeBuffer target) => throw new NotSupportedException();

        public static void Read(byte[] buffer, in RecordEntry entry, out Row record)
        {
            if (entry.ValueLength == 0) throw new RecordFormatException("A row of no bytes is no row.");
            record = new Row(buffer, entry.ValueStart, entry.ValueLength);
        }

        public static long EventTime(in Row record, long timestampMs) => timestampMs;
    }
}
