using System.Buffers.Text;
using System.Text;
using Pipelines.Protocol.Records;
using Pipelines.Topology;

namespace Pipelines.Execution;

/// <content>Dead letters: the raw record, and in its headers where it came from and what failed.</content>
public sealed partial class TaskScope
{
    private readonly OutputPartition deadLetters;
    private readonly EncodeBuffer headers = new();
    private WindowStoreBase? closing;
    private int headerCount;

    private void WriteDeadLetter(HandlerDefinition handler, Exception exception)
    {
        ref readonly RecordEntry entry = ref Batch.Entries[Position];
        BeginHeaders();
        AddHeader("pipelines.topic"u8, Batch.Topic);
        AddHeader("pipelines.partition"u8, Batch.Partition);
        AddHeader("pipelines.offset"u8, entry.Offset);
        AddFailure(handler, exception);
        AppendDeadLetter(entry.Timestamp, entry.KeyLength >= 0, Batch.Key(in entry), entry.ValueLength >= 0, Batch.Value(in entry));
    }

    private void WriteClosingDeadLetter(HandlerDefinition handler, Exception exception)
    {
        WindowStoreBase store = closing!;
        BeginHeaders();
        AddHeader("pipelines.store"u8, store.Name);
        AddHeader("pipelines.partition"u8, Partition);
        AddHeader("pipelines.window.end"u8, EventTime + 1);
        AddFailure(handler, exception);
        OutputValue.Clear();
        store.WriteCurrent(OutputValue);
        AppendDeadLetter(EventTime, hasKey: true, store.CurrentKey, hasValue: true, OutputValue.Written);
    }

    private void AppendDeadLetter(long timestamp, bool hasKey, ReadOnlySpan<byte> key, bool hasValue, ReadOnlySpan<byte> value)
    {
        // A record near the limit has no room left for the headers: they matter more than its tail.
        int room = RecordBuffer.MaxRecordBytes - headers.Length - key.Length;
        if (value.Length > room)
        {
            AddHeader("pipelines.truncated"u8, value.Length);
            value = value[..(RecordBuffer.MaxRecordBytes - headers.Length - key.Length)];
        }

        deadLetters.Append(timestamp, hasKey, key, hasValue, value, headers.Written, headerCount);
    }

    private void AddFailure(HandlerDefinition handler, Exception exception)
    {
        AddHeader("pipelines.deployment"u8, options.Deployment);
        AddHeader("pipelines.version"u8, options.Version);
        AddHeader("pipelines.detector"u8, handler.Detector);
        AddHeader("pipelines.handler"u8, handler.Name);
        AddHeader("pipelines.exception"u8, exception.GetType().FullName ?? exception.GetType().Name);
        AddHeader("pipelines.message"u8, exception.Message);
    }

    private void BeginHeaders()
    {
        headers.Clear();
        headerCount = 0;
    }

    private void AddHeader(ReadOnlySpan<byte> name, long value)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, digits, out int written);
        AddHeader(name, digits[..written]);
    }

    private void AddHeader(ReadOnlySpan<byte> name, string value)
    {
        // Messages of exceptions can be as long as their author likes.
        const int MostCharacters = 4096;
        ReadOnlySpan<char> text = value.AsSpan(0, Math.Min(value.Length, MostCharacters));
        byte[] utf8 = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        AddHeader(name, utf8.AsSpan(0, Encoding.UTF8.GetBytes(text, utf8)));
    }

    private void AddHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        WriteHeader(headers, name, value);
        headerCount++;
    }

    private static void WriteHeader(EncodeBuffer target, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        target.Advance(Varint.Write(target.GetSpan(Varint.MaxInt32Bytes), name.Length));
        target.Write(name);
        target.Advance(Varint.Write(target.GetSpan(Varint.MaxInt32Bytes), value.Length));
        target.Write(value);
    }
}
